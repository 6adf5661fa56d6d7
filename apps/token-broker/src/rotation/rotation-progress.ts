import type { Metrics } from '@relay/service-kit';

/** How far the exchange of keys has come, as metrics. `what`: a column, or `token.v1`. */
export class RotationProgress {
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
  }

  left(what: string, count: number): void {
    this.leftGauge.set({ what }, count);
  }
}
