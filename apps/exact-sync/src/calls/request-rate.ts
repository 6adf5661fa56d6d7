/**
 * Requests a second of the whole process to EXACT, evenly spaced: the vendor publishes no limit, so no burst is taken for
 * granted. A place is given at once with the wait that belongs to it: callers are served in the order in which they asked.
 */
export class RequestRate {
  /** The instant at which the next request would be due if all came evenly. */
  private nextAt = 0;

  constructor(private readonly perSecond: number) {}

  /** How long to wait before sending; null when that would be longer than `longestMs`: then no place is taken. */
  place(now: number, longestMs: number): number | null {
    const interval = 1_000 / this.perSecond;
    const due = Math.max(this.nextAt, now);
    const waitMs = due - now;
    if (waitMs > longestMs) return null;
    this.nextAt = due + interval;
    return Math.ceil(waitMs);
  }

  /** When a place within `longestMs` is likely to be free again. */
  busyForMs(now: number, longestMs: number): number {
    return Math.max(1, Math.ceil(this.nextAt - now - longestMs));
  }
}
