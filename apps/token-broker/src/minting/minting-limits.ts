/**
 * How often the vendor is asked for a new token because a token was refused. A vendor that revokes every token at once
 * must not be asked in a loop; one that restarts and forgets its tokens must be asked at once.
 * Renewals before expiry are not counted: they follow the vendor's own pace.
 */

/** That many at once: a restart of the vendor in the middle of a rotation costs two. */
const BURST = 3;
/** Then one in this time. */
const EVERY_MS = 30_000;
/** In any hour. At this number the credential is called `refused`: asking more often has shown not to help. */
const PER_HOUR = 10;
const HOUR_MS = 3_600_000;

/** Adds a mint and forgets those that no limit looks at any more. */
export function mintsAfter(mints: readonly number[], now: number): number[] {
  return [...withinHour(mints, now), now];
}

/** Earliest instant at which the next mint on demand is allowed; not later than `now` when it is allowed at once. */
export function nextMintAt(mints: readonly number[], now: number): number {
  const recent = withinHour(mints, now);
  // The theoretical arrival time of the generic cell rate algorithm, rebuilt from the mints themselves.
  let arrival = Number.NEGATIVE_INFINITY;
  for (const at of recent) arrival = Math.max(arrival, at) + EVERY_MS;
  const byPace = Math.max(now, arrival - (BURST - 1) * EVERY_MS);
  return Math.max(byPace, hourlyLimitEndsAt(recent, now) ?? now);
}

/** When the hourly limit lets the next one through; null while it is not reached. */
export function hourlyLimitEndsAt(mints: readonly number[], now: number): number | null {
  const recent = withinHour(mints, now);
  const oldest = recent[recent.length - PER_HOUR];
  return oldest === undefined ? null : oldest + HOUR_MS;
}

/** A clock that was set back must not keep the limit closed: instants in the future count as now. */
function withinHour(mints: readonly number[], now: number): number[] {
  return mints.filter((at) => at > now - HOUR_MS).map((at) => Math.min(at, now));
}
