export const SECOND = 1_000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/**
 * ISO 8601 as Python writes it: no fraction when it is zero, else six digits; `Z` when `offsetMinutes` is null or 0,
 * else the local time with its offset. `micros` are the three digits below the millisecond.
 */
export function stamp(instant: number, offsetMinutes: number | null, micros = 0): string {
  const local = new Date(instant + (offsetMinutes ?? 0) * MINUTE).toISOString();
  const millis = local.slice(20, 23);
  const fraction = millis === '000' && micros === 0 ? '' : `.${millis}${String(micros).padStart(3, '0')}`;
  return `${local.slice(0, 19)}${fraction}${offsetMinutes === null || offsetMinutes === 0 ? 'Z' : offsetText(offsetMinutes)}`;
}

/** The calendar day at that offset, `2026-11-26`. */
export function dayStamp(instant: number, offsetMinutes: number): string {
  return new Date(instant + offsetMinutes * MINUTE).toISOString().slice(0, 10);
}

export function offsetText(offsetMinutes: number): string {
  const size = Math.abs(offsetMinutes);
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${offsetMinutes < 0 ? '-' : '+'}${two(Math.floor(size / 60))}:${two(size % 60)}`;
}

/**
 * The instant around which generated data lie: Monday 00:00 UTC of the week of `now`. A simulator that is restarted within
 * the week therefore shows the same data again.
 */
export function epochOf(now: number): number {
  const day = Math.floor(now / DAY);
  // 1970-01-01 was a Thursday: day 4 was a Monday.
  return (day - ((day + 3) % 7)) * DAY;
}
