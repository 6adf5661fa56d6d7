/** Longer than this is a mistake of the sender, not a pause. */
const LONGEST_MS = 24 * 3_600_000;

/** How long a `Retry-After` header asks to wait, in ms from `now`: seconds or an HTTP date. Null when there is none. */
export function retryAfterMs(headers: Readonly<Record<string, string>>, now: number): number | null {
  const value = headers['retry-after']?.trim();
  if (value === undefined || value === '') return null;
  const wait = /^\d+(\.\d+)?$/.test(value) ? Number(value) * 1000 : Date.parse(value) - now;
  return Number.isNaN(wait) ? null : Math.min(Math.max(0, Math.ceil(wait)), LONGEST_MS);
}
