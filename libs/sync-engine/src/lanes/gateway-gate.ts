import { CLOSED_BREAKER, breakerAfter, type Breaker, type BreakerLimits } from '@relay/http-client';

/** One call finds out whether the gateway is back; one that takes longer is not waited for. */
const PROBE_MS = 5_000;

/** What it says of tenants is not believed for so long after it has failed by its own word, unless one is answered. */
const DISTRUST_MS = 300_000;

/** A vendor's shared gateway, when it has one: its faults are nobody's practice, and hold back everybody for a moment. */
export class GatewayGate {
  private breaker: Breaker = CLOSED_BREAKER;
  private probedAt: number | null = null;
  private failedAt = -Infinity;

  constructor(
    private readonly limits: BreakerLimits,
    private readonly random: () => number,
  ) {}

  /**
   * Nothing is asked before this instant. `tells` false: the server behind it is away or slow by itself, so that asking it says
   * little of the gateway; those of whom it does go first, or the many who sleep would have every try to themselves.
   */
  openFrom(now: number, tells = true): number {
    const { until } = this.breaker;
    if (until === null) return 0;
    const patienceMs = tells ? 0 : PROBE_MS;
    if (this.probedAt === null || now < until) return until + patienceMs;
    return Math.max(until, this.probedAt + PROBE_MS) + patienceMs;
  }

  /** A call is made. While it is not known whether the gateway is back, the others wait for what that one shows. */
  entered(now: number): void {
    if (this.breaker.until !== null) this.probedAt = now;
  }

  /** That call was not made after all: another may show whether the gateway is back. */
  notMade(): void {
    this.probedAt = null;
  }

  failed(now: number): void {
    this.probedAt = null;
    this.failedAt = now;
    this.breaker = breakerAfter(this.breaker, 'failure', now, this.limits, this.random);
  }

  /** It is out, and has failed a short while ago. */
  failedLately(now: number): boolean {
    return this.breaker.until !== null && now - this.failedAt < DISTRUST_MS;
  }

  /** It is out: many have failed at once. */
  out(now: number): void {
    if (this.breaker.until !== null) return this.failed(now);
    this.breaker = { ...this.breaker, failures: Math.max(this.breaker.failures, this.limits.failures - 1) };
    this.failed(now);
  }

  /** A call that was made at that instant, or just now, was answered. One from before the last failure shows nothing. */
  answered(askedAt = Infinity): void {
    if (this.breaker.until !== null && askedAt < this.failedAt) return;
    this.breaker = CLOSED_BREAKER;
    this.probedAt = null;
  }
}
