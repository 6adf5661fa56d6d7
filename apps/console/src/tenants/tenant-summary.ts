import type { CompletenessValue, SyncPhase, SyncStatusValue, TenantValue } from '@relay/contracts';

/** What the last whole reading of a resource has shown beside what the relay held. */
export interface CompletenessSummary {
  readonly atVendor: number;
  readonly here: number;
  /** Records that were on one side only, or had another time of change. They were healed with that reading. */
  readonly differences: number;
  /** Records that changed during the reading: counted on neither side. */
  readonly unsettled: number;
  /** The first of them. */
  readonly named: readonly string[];
  readonly checkedAt: string;
}

/** One resource of a practice as the page shows it. */
export interface ResourceSummary {
  readonly resource: string;
  readonly phase: SyncPhase;
  readonly reason: string | null;
  readonly backfill: SyncStatusValue['backfill'];
  readonly completeAsOf: string | null;
  readonly lastCheckedAt: string | null;
  readonly missed: number;
  readonly healed: number;
  readonly parked: number;
  readonly breaker: string;
  /** How the practice's own server stands; null: it has none. */
  readonly presence: SyncStatusValue['presence'];
  /** Null: it was never compared. */
  readonly completeness: CompletenessSummary | null;
}

export interface SyncSummary {
  readonly resources: readonly ResourceSummary[];
  /** Everything of every resource has been compared up to this instant; null while one resource has not. */
  readonly completeAsOf: string | null;
  /** When the resource that waits longest was checked. */
  readonly lastCheckedAt: string | null;
  /** Seconds since `completeAsOf`, else since `lastCheckedAt`. */
  readonly freshnessSeconds: number | null;
  readonly missed: number;
  readonly healed: number;
}

/** A row of the page. All texts come from outside: the page shows them as text, never as markup. */
export interface TenantSummary {
  readonly tenantId: string;
  readonly vendor: string;
  readonly state: string;
  readonly reason: string | null;
  readonly displayName: string | null;
  readonly externalId: string | null;
  readonly changedAt: string;
  readonly sync: SyncSummary | null;
}

/** What is known of the completeness of one resource of a tenant. */
export type CompletenessOf = (tenantId: string, resource: string) => CompletenessValue | null;

export function summaryOf(
  tenant: TenantValue,
  statuses: readonly SyncStatusValue[],
  completenessOf: CompletenessOf,
  now: number,
): TenantSummary {
  const { tenantId, vendor, state, reason, displayName, externalId, changedAt } = tenant;
  const sync = statuses.length === 0 ? null : syncOf(statuses, completenessOf, now);
  return { tenantId, vendor, state, reason, displayName, externalId, changedAt, sync };
}

function syncOf(statuses: readonly SyncStatusValue[], completenessOf: CompletenessOf, now: number): SyncSummary {
  const completeAsOf = earliest(statuses.map((one) => one.completeAsOf));
  const lastCheckedAt = earliest(statuses.map((one) => one.lastCheckedAt));
  const fresh = completeAsOf ?? lastCheckedAt;
  return {
    resources: statuses
      .map((status) => resourceOf(status, completenessOf))
      .sort((a, b) => (a.resource < b.resource ? -1 : 1)),
    completeAsOf,
    lastCheckedAt,
    freshnessSeconds: fresh === null ? null : Math.max(0, Math.round((now - Date.parse(fresh)) / 1000)),
    missed: sum(statuses.map((one) => one.counters.missed)),
    healed: sum(statuses.map((one) => one.counters.healed)),
  };
}

const MOST_NAMED = 10;

function resourceOf(status: SyncStatusValue, completenessOf: CompletenessOf): ResourceSummary {
  const { resource, phase, reason, backfill, completeAsOf, lastCheckedAt, parked, breaker, presence = null } = status;
  const { missed, healed } = status.counters;
  const report = completenessOf(status.tenantId, resource);
  const completeness = report === null ? null : completenessSummary(report);
  const stands = { phase, reason, backfill, completeAsOf, lastCheckedAt, completeness };
  return { resource, ...stands, missed, healed, parked, breaker, presence };
}

function completenessSummary(report: CompletenessValue): CompletenessSummary {
  const { atVendor, here, unsettled, missingHere, missingThere, differing, checkedAt } = report;
  const sides = [missingHere, missingThere, differing];
  return {
    atVendor: atVendor.count,
    here: here.count,
    unsettled,
    differences: sum(sides.map(({ count }) => count)),
    named: sides.flatMap(({ ids }) => ids).slice(0, MOST_NAMED),
    checkedAt,
  };
}

/** The earliest of all; null as soon as one is missing, since then nothing can be said of the whole. */
function earliest(instants: readonly (string | null)[]): string | null {
  let first: string | null = null;
  for (const instant of instants) {
    if (instant === null) return null;
    if (first === null || Date.parse(instant) < Date.parse(first)) first = instant;
  }
  return first;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0);
}
