export interface WindowBudgetOptions {
  /** Most weight in any window. */
  readonly limit: number;
  readonly windowMs: number;
}

export type Taken = { readonly ok: true } | { readonly ok: false; readonly waitMs: number };

/** Far below any weight: sums of fractions differ in their last bits from what they stand for. */
const ROUNDING = 1e-6;

interface Spent {
  readonly at: number;
  readonly weight: number;
}

/**
 * Keeps what is spent below a vendor's limit in every window of that length, wherever it begins. It remembers each
 * spending for one window: exact, where an even rate with a burst would either overshoot or give half away.
 */
export class WindowBudget {
  private readonly spent: Spent[] = [];
  private total = 0;
  /** Weight counted as used at `unknownSince`, freed evenly over one window. */
  private unknown = 0;
  private unknownSince = 0;
  private blockedUntil = 0;

  constructor(private readonly options: WindowBudgetOptions) {
    if (!(options.limit > 0) || !(options.windowMs > 0))
      throw new RangeError('budget: limit and window must be above 0');
  }

  /** Counts what somebody else has spent of it, or may until then, as spent at an instant. */
  spentElsewhere(weight: number, at: number): void {
    this.remember({ at, weight });
  }

  /** How long until `weight` fits, if nobody takes anything until then; 0 = it fits now. */
  waitFor(weight: number, now: number, leave = 0): number {
    this.forget(now);
    const wanted = Math.min(weight, this.options.limit);
    const room = Math.max(wanted, this.options.limit - leave);
    if (now >= this.blockedUntil && this.used(now) + wanted <= room + ROUNDING) return 0;
    return Math.max(1, Math.ceil(this.freeAt(wanted, room, now) - now));
  }

  /**
   * Takes `weight` now, or says how long to wait. A weight above the limit is taken as the whole limit. `leave` is what has to
   * stay free for others, unless the weight is larger than what that leaves: then it waits for a free window.
   */
  take(weight: number, now: number, leave = 0): Taken {
    const waitMs = this.waitFor(weight, now, leave);
    if (waitMs > 0) return { ok: false, waitMs };
    const wanted = Math.min(weight, this.options.limit);
    this.remember({ at: now, weight: wanted });
    return { ok: true };
  }

  /** The vendor said no although we thought there was room: somebody else spends too. Waits, then begins without a burst. */
  correct(retryAfterMs: number, now: number): void {
    this.blockedUntil = Math.max(this.blockedUntil, now + retryAfterMs);
    this.unknown = this.options.limit;
    this.unknownSince = this.blockedUntil;
  }

  /** In the order of their instants: they leave the window in that order. */
  private remember(spending: Spent): void {
    let place = this.spent.length;
    while (place > 0 && (this.spent[place - 1] as Spent).at > spending.at) place -= 1;
    this.spent.splice(place, 0, spending);
    this.total += spending.weight;
  }

  private used(at: number): number {
    return this.total + this.unknownAt(at);
  }

  private unknownAt(at: number): number {
    const passed = (at - this.unknownSince) / this.options.windowMs;
    return this.unknown * Math.min(1, Math.max(0, 1 - passed));
  }

  private forget(now: number): void {
    // A spending leaves the window only after its end: both ends of a closed window count.
    while (this.spent.length > 0 && (this.spent[0] as Spent).at < now - this.options.windowMs) {
      this.total -= (this.spent.shift() as Spent).weight;
    }
    if (this.spent.length === 0) this.total = 0;
    if (this.unknown > 0 && now >= this.unknownSince + this.options.windowMs) this.unknown = 0;
  }

  /** First instant at which `weight` fits, if nobody takes anything until then. */
  private freeAt(weight: number, room: number, now: number): number {
    let from = Math.max(now, this.blockedUntil);
    let total = this.total;
    for (const spending of [...this.spent, null]) {
      const until = spending === null ? Infinity : spending.at + this.options.windowMs + 1;
      const fits = this.unknownBelow(room - total - weight, from);
      if (fits < until) return fits;
      from = Math.max(from, until);
      total -= spending?.weight ?? 0;
    }
    return from;
  }

  /** First instant from `from` on at which the unknown part is at most `most`. */
  private unknownBelow(most: number, from: number): number {
    if (most < -ROUNDING) return Infinity;
    if (this.unknownAt(from) <= most + ROUNDING) return from;
    return this.unknownSince + (1 - most / this.unknown) * this.options.windowMs;
  }
}
