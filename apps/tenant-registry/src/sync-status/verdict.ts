import type { SyncStatusValue } from '@relay/contracts';

/** Words that the syncs use in `sync-status` for what concerns the whole tenant. */
export const TENANT_NOT_FOUND = 'tenant-not-found';
export const SUBSCRIPTION_DOUBTFUL = 'subscription-doubtful';

/** A resource that is no longer enabled keeps its last status; after three missed updates (each 5 minutes) it is not heard. */
const STALE_AFTER_MS = 15 * 60_000;

export interface SyncVerdict {
  /** Every enabled resource answers 404. */
  readonly notFound: boolean;
  /** Since when calls get 403 (ISO), or null. */
  readonly refusedSince: string | null;
}

/**
 * What the statuses of one tenant's resources say about the tenant. Only what was written after `since`, when the tenant
 * entered its present state, counts: an older word was about another time.
 */
export function verdictOf(statuses: readonly SyncStatusValue[], since: string): SyncVerdict {
  const newest = Math.max(...statuses.map((one) => Date.parse(one.updatedAt)));
  const heard = statuses.filter(
    (one) => Date.parse(one.updatedAt) > Date.parse(since) && newest - Date.parse(one.updatedAt) < STALE_AFTER_MS,
  );
  const notHeard = statuses.length - heard.length;
  const stale = statuses.filter((one) => newest - Date.parse(one.updatedAt) >= STALE_AFTER_MS).length;
  const doubtful = heard.filter((one) => one.reason === SUBSCRIPTION_DOUBTFUL).map((one) => one.updatedAt);
  return {
    notFound: heard.length > 0 && notHeard === stale && heard.every((one) => one.reason === TENANT_NOT_FOUND),
    refusedSince: doubtful.length === 0 ? null : (doubtful.sort()[0] as string),
  };
}
