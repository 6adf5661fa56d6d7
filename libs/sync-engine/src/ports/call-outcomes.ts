import type { ResourceAccess, WebhooksStatus } from '@relay/contracts';

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

/** Answer to `confirmList`. `not-found` = the list itself answers 404; `recordIds` = what the list has shown. */
export type ConfirmOutcome =
  | { readonly kind: 'listed'; readonly recordIds?: readonly string[]; readonly tookMs: number }
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
