import type { ResourceAccess, TenantValue, Vendor, VersionCause, WebhooksStatus } from '@relay/contracts';

/**
 * What the engine asks of a vendor's connector, and nothing more: describe the resources, read one record, read one page
 * of a pass, prepare a tenant. The engine knows no vendor; a connector knows no lane, mirror or topic.
 *
 * Calls never throw for what a vendor does: every answer, also none, is an outcome. A throw is a defect of ours.
 */
export interface Connector {
  readonly vendor: Vendor;
  readonly resources: readonly ResourceSpec[];

  /** `ce_source` of the tenant's events. */
  sourceOf(tenant: TenantValue): string;

  /**
   * Where the tenant's own server stands, when it has one that sleeps and fails apart from the others (EXACT): its hours are
   * learnt. Absent: the vendor has one server for all, which is expected to be there always.
   */
  placeOf?(tenant: TenantValue): TenantPlace;

  /** The vendor's address of one record: named in events whose record is too large to carry. */
  urlOf(tenant: TenantValue, resource: string, recordId: string): string;

  /** Reads one record in its detail form. */
  fetchRecord(call: CallContext, resource: ResourceSpec, recordId: string): Promise<FetchOutcome>;

  /** Reads one page of a pass, in list form. `position` is what the last page returned as `next`, null at the start. */
  readPage(call: CallContext, resource: ResourceSpec, pass: PassRequest, position: string | null): Promise<PageOutcome>;

  /**
   * Reads one page of the parts of one whole, in list form. `resource` is that of the parts, `position` what the last page
   * returned as `next`. `filter-ignored` = a row does not name that whole: what the list shows says nothing of it. Absent:
   * no resource has `families`.
   */
  readFamily?(
    call: CallContext,
    resource: ResourceSpec,
    wholeId: string,
    position: string | null,
  ): Promise<PageOutcome>;

  /**
   * Prepares a tenant that has become active (Provet: webhooks, permissions) and is asked again at `againAt`, or earlier
   * where something speaks for it. Runs in the tenant's lane before its first pass. Absent: nothing to prepare.
   */
  prepare?(call: CallContext, last: LastPreparation): Promise<PrepareOutcome>;

  /** What preparing goes by beside the tenant (settings, keys): when it is another one, all tenants are prepared again. */
  readonly preparesBy?: string;

  /**
   * Takes leave of a tenant that was withdrawn: undoes at the vendor what `prepare` has made there, on the token that is
   * left. Asked again for what failed, for a minute at most. Absent: there is nothing to undo.
   */
  depart?(call: CallContext): Promise<DepartOutcome>;

  /**
   * Asks the resource's list for as little as possible: the proof that a 404 of one record is not the absence of the whole
   * tenant. Absent: the engine reads a first page of the resource's first pass instead.
   */
  confirmList?(call: CallContext, resource: ResourceSpec): Promise<ConfirmOutcome>;

  /**
   * What the answers for a resource depend on besides the records themselves (EXACT: the scopes that they are read with), as
   * a text; null while it may not be read, or that is not known yet. When it has changed since the resource was read, the
   * engine reads everything of it again. Absent: answers depend on nothing else.
   */
  basisOf?(resource: ResourceSpec, tenant: TenantValue): string | null;

  /**
   * Why a resource of a tenant may not be read, where that is known without a call, in the words of `sync-status`; null: it may,
   * or only a call tells. Told at once, whatever its next reading waits for. Absent: only a call tells.
   */
  deniedOf?(resource: ResourceSpec, tenant: TenantValue): string | null;

  /**
   * Whether its list may be read and its records may not (EXACT: a scope for each). The rows of the list are then the
   * records. A change of it is a change of `basisOf`. Absent: never.
   */
  isListOnly?(resource: ResourceSpec): boolean;

  /** Calls to a tenant's own server in the last hour, and how many are allowed. Absent: they are not counted by tenant. */
  callsOf?(tenant: TenantValue): { readonly lastHour: number; readonly cap: number } | null;

  /** What is spent of each tenant's limits goes with its lane to the next owner. Absent: nobody has to know there. */
  readonly spending?: SpendingBook;

  /** Has the engine ask `basisOf` and `deniedOf` again, whenever it is called. */
  onBasisChange?(changed: () => void): void;
}

/** What a connector spends of tenants' limits, kept by the engine with the state of their lanes. */
export interface SpendingBook {
  /**
   * The tenant is this process's now. `kept` = what its last owner has kept; null = there was none; undefined = that was an
   * earlier release, which kept nothing.
   */
  takeOver(tenantId: string, kept: unknown): void;
  /** What has to be kept of it now; JSON. */
  told(tenantId: string): unknown;
  /** That very thing is committed. */
  kept(told: unknown): void;
  /** Has the engine keep a tenant's spending as soon as it can, whenever it is called. */
  onUnkept(keep: (tenantId: string) => void): void;
}

/** What a tenant's hours are reckoned in. */
export interface TenantPlace {
  /** IANA name of its time zone. */
  readonly zone: string;
  /** Those of one group share their days off (EXACT: a country). */
  readonly group: string;
}

export interface ResourceSpec {
  /** Name in topics and ids (vendor path, `/` as `-`). */
  readonly name: string;
  /** False: the vendor has no detail form, the list row is the record. */
  readonly hasDetail: boolean;
  /** Member with the vendor's time of last change; null when it has none. */
  readonly modifiedMember: string | null;
  /** Top-level members that are delivered but not compared: signed URLs, computed ages. */
  readonly volatileMembers: readonly string[];
  /** In the order in which they are run when several are due. The first is the first reading of the resource. */
  readonly passes: readonly PassSpec[];
  /** True when notices (webhooks) can announce changes of it. */
  readonly hasNotices: boolean;
  /** Member with the instant by which windows find the record. Absent: windows show it or not, for reasons of their own. */
  readonly placedBy?: string;
  /**
   * What a row of its list tells. `presence`: only that the record is there; every pass asks for each of them. Absent: what
   * the record holds, or a part of it, so that an equal row needs no second look.
   */
  readonly listShows?: 'presence';
  /** True: the vendor answers from a copy of its own: an answer does not prove that the tenant's server is there. */
  readonly answeredByVendor?: boolean;
  /** Which triggers announce a new record and a change. Absent: missed notices are not counted by trigger. */
  readonly announcedBy?: {
    readonly created: number;
    readonly changed: number;
    /** Member with the time of creation; null when it has none. */
    readonly createdMember: string | null;
  };
  /**
   * The parts that a record's text lists and that are records of their own. They are read again whenever the record has a
   * new version after its first reading: a part's own time of change may not tell. Pure. Absent: it has none.
   */
  readonly partsOf?: (text: string) => readonly PartRef[];
  /**
   * Resources with parts of its records that no member lists: only their own list, asked for by the whole, finds them
   * (`Connector.readFamily`). They are read whenever a record has a new version after its first reading, or is gone.
   * Absent: there are none.
   */
  readonly families?: readonly string[];
  /** What becomes of two records of it that are made one. Absent: nothing tells. */
  readonly merges?: MergeReading;
  /** Of such a part: the id of its whole, as the part's text names it; null where it names none. Pure. */
  readonly wholeOf?: (text: string) => string | null;
}

/** How a merge shows in the texts of the two records. Pure. */
export interface MergeReading {
  /** True: the text names the record that this one has become part of. The record is gone, although it can still be read. */
  isAlias(text: string): boolean;
  /** Ids of the records that have become part of the one with this text. */
  aliasesOf(text: string): readonly string[];
}

/** A record that is part of another one of the same tenant. */
export interface PartRef {
  readonly resource: string;
  readonly recordId: string;
}

/** A reading of many records: all of them, a window of them, or those changed since the last completed pass. */
export interface PassSpec {
  readonly name: 'backfill' | 'reconcile' | 'sweep' | 'near' | 'far' | 'history';
  /** Pause between the start of one pass and the next; null = once in a tenant's life, after the resource is live if it is no first reading. */
  readonly everySeconds: number | null;
  /** The pause while no notice of a change can be relied on: not set up, and none has come. Absent: the same. */
  readonly everySecondsUnannounced?: number;
  readonly reads: 'everything' | 'window' | 'changed';
  /** Cause of the versions that it finds after the resource is live. Before that it is always `backfill`. */
  readonly cause: Exclude<VersionCause, 'notice' | 'write'>;
  /** A completed pass proves that a mirror record it did not meet is gone, or worth asking for. */
  readonly provesAbsence: boolean;
  /** The resource is live once every pass marked so has completed. */
  readonly firstReading: boolean;
  /**
   * True: it starts at the same place of each period, which the tenant's name decides, so that thousands of tenants are spread
   * over the period evenly for good. Absent: at random around its pause.
   */
  readonly steady?: boolean;
}

export interface PassRequest {
  readonly spec: PassSpec;
  /** `changed` passes: only records modified at or after this instant (ms). */
  readonly since: number | null;
  /** Instant (ms, our clock) at which this pass was started: windows are laid around it, the same for all its pages. */
  readonly startedAt: number;
  /** False once the vendor was seen to ignore the filter of a `changed` pass: read newest first instead and stop at `since`. */
  readonly filterHonoured: boolean;
  /** When its last complete run ended. Absent or null: there was none. */
  readonly completedAt?: number | null;
  /** Somebody waits for it: it was brought forward, or everything is to be read again. */
  readonly isWished?: boolean;
}

export type WorkClass = 'live' | 'command' | 'reconcile' | 'backfill' | 'sweep';

export interface CallContext {
  readonly tenant: TenantValue;
  /** Which share of the budget the call may draw on; live work has a reserve. */
  readonly work: WorkClass;
  /** Aborted when the shard is lost or the process stops. */
  readonly signal: AbortSignal;
  /** Shorter than the ordinary attempt time-out when the tenant's breaker is being probed. */
  readonly timeoutMs: number;
}

/** Every way in which a call can fail to bring a record or a page. Times are milliseconds. */
export type CallFailure =
  /** No usable token yet: the broker has not published one, or only one older than the refused. */
  | {
      readonly kind: 'no-token';
      /** Where it is known why: the vendor refuses the client itself. */ readonly reason?: 'credential-rejected';
    }
  /** 401. The connector has already published `invalidated` for that token version, once. */
  | { readonly kind: 'unauthorized'; readonly tokenVersion: number }
  /** 403 on this resource. `reason` for `sync-status`, where the connector knows what is missing. */
  | { readonly kind: 'forbidden'; readonly reason?: string }
  /**
   * The practice's consent seems gone (EXACT: 403 everywhere). `listed` = a list of consents that was asked for after the
   * refusal still names it; without that the list itself explains the refusal, and its reader decides.
   */
  | { readonly kind: 'subscription-doubtful'; readonly listed: boolean }
  /** 429, or our own budget is spent for now. `local` = no call was made. */
  | { readonly kind: 'throttled'; readonly retryAfterMs: number; readonly local: boolean }
  /** The tenant's server cannot be reached or is overloaded: connection, DNS, TLS, reset, time-out, 500/502/503/504 of Provet, 503/504 of EXACT. Counts for the tenant's breaker. */
  | { readonly kind: 'unavailable'; readonly detail: string; readonly retryAfterMs: number | null }
  /** The vendor's shared gateway failed (EXACT 500): nobody's practice is blamed. */
  | { readonly kind: 'gateway-fault'; readonly detail: string }
  /** This record or page alone cannot be read (EXACT 502, undecodable body, wrong shape, other 4xx). */
  | { readonly kind: 'record-fault'; readonly detail: string }
  /** Aborted by `signal`: nothing is counted. */
  | { readonly kind: 'aborted' };

export type FetchOutcome =
  | { readonly kind: 'found'; readonly text: string; readonly vendorTime: number | null; readonly tookMs: number }
  /** 404 in the API's own form. `certain` = the vendor's proof is as good as it gets; the engine still confirms. */
  | { readonly kind: 'not-found'; readonly apiShaped: boolean; readonly tookMs: number }
  | (CallFailure & { readonly tookMs: number });

/** Answer to `confirmList`. `not-found` = the list itself answers 404. */
export type ConfirmOutcome =
  | { readonly kind: 'listed'; readonly tookMs: number }
  | { readonly kind: 'not-found'; readonly tookMs: number }
  | (CallFailure & { readonly tookMs: number });

export interface PageRow {
  readonly recordId: string;
  /** The row's own text as the vendor sent it, cut out of the page. */
  readonly text: string;
}

export type LeftOut = 'unreadable' | 'too-slow';

export type PageOutcome =
  | {
      readonly kind: 'page';
      readonly rows: readonly PageRow[];
      /** Where the next page starts; null = the pass is complete. */
      readonly next: string | null;
      /** How many records the whole pass has, when the vendor says so. */
      readonly total: number | null;
      /** `Date` header of the answer, ms. */
      readonly vendorTime: number | null;
      readonly tookMs: number;
      /** Last page of a window pass: the spans (from and to, ms) that the run has read. */
      readonly spans?: readonly (readonly [from: number, to: number])[];
      /**
       * Last page of a window pass: parts of it could not be read, so not meeting a record there means nothing. `too-slow`:
       * the vendor could not answer even for the shortest span; the resource counts as broken.
       */
      readonly leftOut?: LeftOut;
    }
  /** A row broke what was asked for (below the bound, ids not ascending): the vendor ignores the filter here. */
  | { readonly kind: 'filter-ignored'; readonly tookMs: number }
  /** The position has expired (EXACT: 400 with a continuation): start the pass again. */
  | { readonly kind: 'restart'; readonly tookMs: number }
  /** The list itself answers 404: the tenant may be gone. Says nothing about its records. */
  | { readonly kind: 'not-found'; readonly tookMs: number }
  | (CallFailure & { readonly tookMs: number });

/** What the last preparation of a tenant has left behind, and why there is another one. */
export interface LastPreparation {
  /** What the connector wanted to be remembered (JSON); null = nothing yet. */
  readonly memo: unknown;
  /**
   * `anew` = the tenant, or what is prepared by, is another one; `doubted` = changes came without a notice; `asked` = somebody
   * wants to know; `due` = it is time.
   */
  readonly why: 'anew' | 'doubted' | 'asked' | 'due';
}

export type PrepareOutcome =
  | {
      readonly kind: 'ready';
      /** Resources whose create/modify notices are set up to reach us: a precondition of counting `missed`. */
      readonly noticesFor: readonly string[];
      /** Why not all are, for `sync-status`; null when all are. */
      readonly reason: string | null;
      /** When to prepare again, ms since epoch; null = not before the tenant changes. */
      readonly againAt: number | null;
      /** How the notices stand, for `sync-status`. */
      readonly notices?: NoticesReport;
      /** What may be read, by resource. Only what was found out; the rest stays as it was. */
      readonly access?: Readonly<Record<string, ResourceAccess>>;
      /** Resources of which notices were lost: their changes are looked for at once. */
      readonly checkSoon?: readonly string[];
      /** Handed to the next preparation. */
      readonly memo?: unknown;
    }
  | (CallFailure & { readonly tookMs: number });

/** How a tenant's notices stand. Those of a resource in `noticesFor` are in place whatever is said here. */
export interface NoticesReport {
  readonly otherwise: Exclude<WebhooksStatus['state'], 'in-place'>;
  readonly permission: string | null;
  readonly departmentOnly: readonly string[];
  readonly queue: WebhooksStatus['queue'];
}

export type DepartOutcome = (
  | {
      readonly kind: 'departed';
      /** Why something is left there for good; null when nothing is. */
      readonly reason: string | null;
      readonly tookMs: number;
    }
  | (CallFailure & { readonly tookMs: number })
) & {
  /** What was removed in this go. */
  readonly removed: number;
};

/**
 * Work that belongs to a shard but to no tenant's lane (EXACT: the subscription list, details of practices that are not
 * active yet). The engine starts it when a shard has been taken and its tenants are loaded, and aborts `signal` when the
 * shard is lost or the process stops.
 */
export interface ShardDuty {
  start(shard: ShardHandle): void;
  /** A tenant of this shard was loaded or has changed, in whatever state. Called only between start and abort. */
  tenantChanged?(shard: ShardHandle, tenant: TenantValue): void;
}

export interface ShardHandle {
  readonly shard: number;
  readonly epoch: number;
  readonly signal: AbortSignal;
  /** True when a tenant id (or `exact:<environment>`) falls into this shard. */
  owns(tenantId: string): boolean;
  /** The shard's tenants as last seen on `tenant.v1`. */
  tenants(): Iterable<TenantValue>;
}
