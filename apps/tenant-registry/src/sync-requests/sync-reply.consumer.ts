import { Controller } from '@nestjs/common';
import { EventPattern, Payload } from '@nestjs/microservices';
import { LASTING_REQUEST_KINDS, type SyncReplyValue } from '@relay/contracts';
import type { ReceivedBatch } from '@relay/kafka';
import { RegistryChanges } from '../changes/registry-changes.js';
import { noteReplies } from '../persistence/sync-request-rows.js';

/** Reads `sync-reply.v1`: how far what operators have ordered has come, for the admin API. */
@Controller()
export class SyncReplyConsumer {
  constructor(private readonly changes: RegistryChanges) {}

  @EventPattern<string>('sync-reply.v1', undefined, { batch: true })
  async onReplies(@Payload() { messages }: ReceivedBatch<SyncReplyValue>): Promise<void> {
    const isKept = ({ kind }: SyncReplyValue): boolean => LASTING_REQUEST_KINDS.some((lasting) => lasting === kind);
    const replies = messages.flatMap(({ value }) => (value !== null && isKept(value) ? [value] : []));
    if (replies.length > 0) await this.changes.run((set) => noteReplies(set.tx, replies));
  }
}
