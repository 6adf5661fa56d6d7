import type { Metrics } from '@relay/service-kit';

/** How far the exchange of keys has come, as metrics. `what`: a column, or `token.v1`. */
export class RotationProgress {
  /** Of each kind what no audit entry tells of yet. */
  private readonly untold = new Map<string, number>();
  private readonly renewedTotal;
  private readonly leftGauge;

  constructor(metrics: Metrics) {
    this.renewedTotal = metrics.counter({
      name: 'relay_token_broker_rekeyed_total',
      help: 'Secrets that were encrypted or sealed anew with the first key of their set',
      labelNames: ['what'],
    });
    this.leftGauge = metrics.gauge({
      name: 'relay_token_broker_rekey_left',
      help: 'Secrets that were still under an older key after the last round',
      labelNames: ['what'],
    });
  }

  renewed(what: string, count: number): void {
    this.renewedTotal.inc({ what }, count);
    if (count > 0) this.untold.set(what, (this.untold.get(what) ?? 0) + count);
  }

  /** Hands over what was renewed since the last time, kind by kind; what cannot be told is kept for the next time. */
  async told(tell: (what: string, count: number) => Promise<void>): Promise<void> {
    for (const [what, count] of Array.from(this.untold)) {
      await tell(what, count);
      const more = (this.untold.get(what) ?? 0) - count;
      if (more > 0) this.untold.set(what, more);
      else this.untold.delete(what);
    }
  }

  left(what: string, count: number): void {
    this.leftGauge.set({ what }, count);
  }
}
