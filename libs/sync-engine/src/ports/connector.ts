import type { TenantValue, Vendor, VersionCause } from '@relay/contracts';
import type {
  ConfirmOutcome,
  DepartOutcome,
  FetchOutcome,
  LastPreparation,
  PageOutcome,
  PrepareOutcome,
} from './call-outcomes.js';

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
   * tenant. It should begin with `recordId`, where the vendor's lists can. Absent: the engine reads a first page of the
   * resource's first pass instead.
   */
  confirmList?(call: CallContext, resource: ResourceSpec, recordId?: string): Promise<ConfirmOutcome>;

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
