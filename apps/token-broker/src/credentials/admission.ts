/**
 * How many registrations are tried at vendors. Anybody who knows the hookup URL can send them, and each costs vendors
 * requests: what comes faster waits, durably and in the order in which it was stored.
 */
export interface WaitingRoom {
  /** Admissions of the last hour, oldest first. */
  readonly admitted: readonly { readonly tenantId: string; readonly at: number }[];
  /** Of each tenant, how many have waited longer. */
  readonly ahead: ReadonlyMap<string, number>;
}

export interface AdmissionLimits {
  readonly tenantPerHour: number;
  readonly allPerHour: number;
}

export type Admission = { readonly kind: 'admitted' } | { readonly kind: 'wait'; readonly until: number };

/** A tenant that registers more often than this in an hour has somebody who tries things out. */
export const TENANT_PER_HOUR = 3;
const HOUR_MS = 3_600_000;

/** Lets one of the tenant through, or says when its turn may come: when as many places are free as wait before it. */
export function admission(room: WaitingRoom, tenantId: string, limits: AdmissionLimits, now: number): Admission {
  const { tenantPerHour, allPerHour } = limits;
  const recent = room.admitted.filter(({ at }) => at > now - HOUR_MS);
  const own = recent.filter((one) => one.tenantId === tenantId).map(({ at }) => at);
  // A tenant's waiting ones count only as far as its own limit would let them through: a flood of one holds up nobody else.
  let ahead = 0;
  for (const [other, count] of room.ahead) {
    const free = tenantPerHour - recent.filter((one) => one.tenantId === other).length;
    ahead += Math.min(count, Math.max(0, free));
  }
  const until = Math.max(
    turnAt(own, room.ahead.get(tenantId) ?? 0, tenantPerHour, now),
    turnAt(
      recent.map(({ at }) => at),
      ahead,
      allPerHour,
      now,
    ),
  );
  return until <= now ? { kind: 'admitted' } : { kind: 'wait', until };
}

function turnAt(recent: readonly number[], ahead: number, perHour: number, now: number): number {
  // So many of the last hour's admissions must have left it.
  const mustLeave = recent.length + ahead + 1 - perHour;
  if (mustLeave <= 0) return now;
  // Each place that becomes free is taken by the next in line: further back it takes rounds of an hour.
  const rounds = Math.floor((mustLeave - 1) / perHour);
  const leaving = recent[(mustLeave - 1) % perHour];
  // Nobody's leaving to wait for: those ahead are let through in a moment.
  if (leaving === undefined) return now + SOON_MS;
  return Math.max(now + 1, leaving + HOUR_MS) + rounds * HOUR_MS;
}

const SOON_MS = 1000;
