import { CLOSED_BREAKER, breakerAfter, type Breaker, type BreakerLimits } from '@relay/http-client';

/** A vendor's shared gateway, when it has one: its faults are nobody's practice, and hold back everybody for a moment. */
export class GatewayGate {
  private breaker: Breaker = CLOSED_BREAKER;

  constructor(
    private readonly limits: BreakerLimits,
    private readonly random: () => number,
  ) {}

  /** Nothing is asked before this instant. */
  get until(): number {
    return this.breaker.until ?? 0;
  }

  failed(now: number): void {
    this.breaker = breakerAfter(this.breaker, 'failure', now, this.limits, this.random);
  }

  answered(): void {
    this.breaker = CLOSED_BREAKER;
  }
}
