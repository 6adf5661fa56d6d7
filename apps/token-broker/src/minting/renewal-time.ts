/** A token is renewed between these parts of its life: early enough to survive some failures, spread over the tenants. */
const EARLIEST = 0.8;
const LATEST = 0.9;
/** Least pause, so that a vendor that hands out tokens without a life is not asked in a loop. */
const MIN_PAUSE_MS = 1000;
/** What a token lives when the vendor does not say: RFC 6749 §5.1 leaves it open, an hour is what both vendors' kind use. */
const DEFAULT_LIFE_SECONDS = 3600;
/** Longer lives are not believed: a token that is looked at once a year is as good as forgotten. */
const MAX_LIFE_SECONDS = 30 * 24 * 3600;
/**
 * Refresh tokens lapse 30 days after the latest access token (Provet), however long that one lives. A third of the time is
 * left for bad days.
 */
const KEEP_ALIVE_MS = 20 * 24 * 3_600_000;

/** When a token is to be renewed. `random` is in [0, 1). */
export function renewalAt(issuedAt: number, expiresAt: number, random: number): number {
  const part = EARLIEST + (LATEST - EARLIEST) * random;
  const byLife = Math.floor(issuedAt + (expiresAt - issuedAt) * part);
  return Math.max(issuedAt + MIN_PAUSE_MS, Math.min(byLife, issuedAt + KEEP_ALIVE_MS));
}

/** When a token expires, by the `expires_in` of the answer; anything that is no positive number counts as not said. */
export function expiryAt(issuedAt: number, expiresIn: unknown): number {
  const seconds = typeof expiresIn === 'string' && expiresIn.trim() !== '' ? Number(expiresIn) : expiresIn;
  const usable = typeof seconds === 'number' && Number.isFinite(seconds) && seconds > 0;
  return issuedAt + Math.min(usable ? seconds : DEFAULT_LIFE_SECONDS, MAX_LIFE_SECONDS) * 1000;
}
