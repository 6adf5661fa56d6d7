import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { SyncRequestKind, SyncRequestValue } from '@relay/contracts';
import { RelayKafka, controlMessage } from '@relay/kafka';
import type { Note } from '../changes/change-set.js';
import { sendInTime } from '../publishing/send-in-time.js';

/** What is asked of a sync; members that are left out mean all, or nothing. */
export type Ask = Pick<SyncRequestValue, 'tenantId'> & { readonly kind: SyncRequestKind } & Partial<
    Pick<SyncRequestValue, 'resource' | 'recordIds' | 'from' | 'to'>
  >;

/** A request as it goes to the syncs. `waitMs`: somebody waits that long for the answer. */
export function newRequest(
  ask: Ask,
  note: Pick<Note, 'actor' | 'reason'>,
  waitMs: number | null = null,
): SyncRequestValue {
  const now = Date.now();
  const everything = { resource: null, recordIds: null, from: null, to: null };
  return {
    requestId: randomUUID(),
    ...everything,
    ...ask,
    requestedBy: note.actor,
    reason: note.reason,
    at: new Date(now).toISOString(),
    deadline: waitMs === null ? null : new Date(now + waitMs).toISOString(),
  };
}

/** Puts operators' requests on `sync-request.v1`. */
@Injectable()
export class RequestSender {
  constructor(private readonly kafka: RelayKafka) {}

  /** Throws a 503 when Kafka does not take it in time: whoever asked must ask again. */
  async send(value: SyncRequestValue): Promise<void> {
    const { tenantId } = value;
    const message = controlMessage(this.kafka.partitions, 'sync-request.v1', tenantId, tenantId, value);
    await sendInTime(this.kafka, message, 'the request could not be passed on; send it again');
  }
}
