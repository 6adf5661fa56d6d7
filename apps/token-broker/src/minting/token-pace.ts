/**
 * Spaces token requests to one vendor host evenly, below a rate. Even, because a burst that is within the rate on this side
 * may arrive closer together on the other.
 */
export class TokenPace {
  private readonly nextAt = new Map<string, number>();

  /** `perSecond` 0: no limit. `share`: how much of the rate this process may use, 0 to 1. */
  constructor(
    private readonly perSecond: number,
    private readonly share: () => number,
  ) {}

  /** Milliseconds that the next request to the host has to wait; its place is taken by asking. */
  take(host: string, now: number): number {
    if (this.perSecond === 0) return 0;
    const every = 1000 / (this.perSecond * MARGIN * Math.max(this.share(), LEAST_SHARE));
    const at = Math.max(now, this.nextAt.get(host) ?? 0);
    this.nextAt.set(host, at + every);
    return at - now;
  }
}

/** Clocks and networks are not even: a little stays unused, so that no second of the vendor's sees more than the rate. */
const MARGIN = 0.95;
/** A process that has just lost its shards still ends what it has begun. */
const LEAST_SHARE = 0.01;
