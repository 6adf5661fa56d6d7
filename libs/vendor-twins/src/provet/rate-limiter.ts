import { MINUTE } from '../times.js';

interface Taken {
  readonly at: number;
  readonly weight: number;
}

/** The vendor's limit: weights in a rolling minute, one window for each user and operation. */
export class RateLimiter {
  readonly #windows = new Map<string, Taken[]>();

  /**
   * Null when the request may pass, and counts it; else the seconds to wait (`Retry-After`). A refused request is not
   * counted, as in the framework the vendor uses.
   */
  take(key: string, weight: number, limit: number, now: number): number | null {
    const window = (this.#windows.get(key) ?? []).filter((taken) => taken.at > now - MINUTE);
    const used = window.reduce((sum, taken) => sum + taken.weight, 0);
    this.#windows.set(key, window);
    if (used + weight > limit) return retryAfterSeconds(window, used + weight - limit, now);
    window.push({ at: now, weight });
    return null;
  }

  clear(): void {
    this.#windows.clear();
  }
}

/** When enough of the window has expired. A request heavier than the whole limit never fits: it is told a minute. */
function retryAfterSeconds(window: readonly Taken[], excess: number, now: number): number {
  let freed = 0;
  for (const { at, weight } of window) {
    freed += weight;
    if (freed >= excess) return Math.max(1, Math.ceil((at + MINUTE - now) / 1000));
  }
  return 60;
}
