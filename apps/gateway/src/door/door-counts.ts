import { Inject, Injectable } from '@nestjs/common';
import { Metrics } from '@relay/service-kit';

export type DoorKind = 'hookup' | 'webhook' | 'consent';

/** Counts what the front door took in and what it refused, by the code that the answer carried. */
@Injectable()
export class DoorCounts {
  private readonly acceptedTotal;
  private readonly refusedTotal;
  private readonly keyUsedTotal;
  private readonly keyUses: Record<'hookup' | 'webhook', { inc(): void }[]> = { hookup: [], webhook: [] };

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
    this.keyUsedTotal = metrics.counter({
      name: 'relay_gateway_key_used_total',
      help: 'Requests by the place of their secret in HOOKUP_SECRET, or of their key in WEBHOOK_KEYS, from 1',
      labelNames: ['kind', 'entry'],
    });
  }

  /** Which entry of its list let a request in: one that lets nobody in any more may be removed. */
  keyUsed(kind: 'hookup' | 'webhook', entry: number): void {
    // On the way of every webhook: the labels are put together once.
    (this.keyUses[kind][entry] ??= this.keyUsedTotal.labels({ kind, entry })).inc();
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
