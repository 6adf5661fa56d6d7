import type { Vendor } from '@relay/contracts';
import type { StateMessage, StateTopic } from '@relay/state-topic';
import type { RecordWrite } from '../core/effects.js';
import type { FaultPoint } from '../fault-points.js';
import { stateMessageOf } from './record-state-store.js';

/** More than this on its way: making new versions would only fill memory. */
const MOST_UNCONFIRMED = 20_000;

export interface RecordPublisherOptions {
  readonly topic: StateTopic;
  readonly vendor: Vendor;
  shardOf(tenantId: string): number;
  fault(point: FaultPoint): Promise<void>;
  readonly traceparent: () => string;
  /** A version was acknowledged. */
  published(tenantId: string, resource: string): void;
}

/** Sends versions after their commit and counts what is still on its way. */
export class RecordPublisher {
  private readonly waiting = new Map<string, number>();

  constructor(private readonly options: RecordPublisherOptions) {}

  get isCongested(): boolean {
    return this.options.topic.unconfirmed > MOST_UNCONFIRMED;
  }

  /** Versions of a resource that are committed and not acknowledged. */
  unpublished(tenantId: string, resource: string): number {
    return this.waiting.get(`${tenantId}\0${resource}`) ?? 0;
  }

  publish(writes: readonly RecordWrite[], epoch: number): void {
    for (const { row, body } of writes) {
      const text = body.kind === 'set' ? body.text : null;
      const { vendor, traceparent } = this.options;
      const shardOf = (tenantId: string): number => this.options.shardOf(tenantId);
      const message = stateMessageOf(
        { row, body: text },
        { vendor, cause: row.lineage.cause, epoch, shardOf, traceparent },
      );
      const key = `${row.tenantId}\0${row.resource}`;
      this.waiting.set(key, (this.waiting.get(key) ?? 0) + 1);
      void this.send(message).finally(() => {
        const left = (this.waiting.get(key) ?? 1) - 1;
        if (left === 0) this.waiting.delete(key);
        else this.waiting.set(key, left);
        this.options.published(row.tenantId, row.resource);
        void this.options.fault('sync:after-send');
      });
    }
  }

  private async send(message: StateMessage): Promise<void> {
    await this.options.fault('sync:before-send');
    await this.options.topic.publish([message]);
  }
}
