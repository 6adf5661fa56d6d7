import { Inject, Injectable } from '@nestjs/common';
import { Metrics } from '@relay/service-kit';

export type DoorKind = 'hookup' | 'webhook' | 'consent';

/** Counts what the front door took in and what it refused, by the code that the answer carried. */
@Injectable()
export class DoorCounts {
  private readonly acceptedTotal;
  private readonly refusedTotal;

  constructor(@Inject(Metrics) metrics: Metrics) {
    this.acceptedTotal = metrics.counter({
      name: 'relay_gateway_accepted_total',
      help: 'Requests that were taken in durably',
      labelNames: ['kind'],
    });
    this.refusedTotal = metrics.counter({
      name: 'relay_gateway_refused_total',
      help: 'Requests refused at the front door',
      labelNames: ['kind', 'code'],
    });
  }

  accepted(kind: DoorKind): void {
    this.acceptedTotal.inc({ kind });
  }

  /** Counts a refusal and gives the problem back, to be thrown. */
  refused<P extends { readonly code: string }>(kind: DoorKind, problem: P): P {
    this.refusedTotal.inc({ kind, code: problem.code });
    return problem;
  }
}
