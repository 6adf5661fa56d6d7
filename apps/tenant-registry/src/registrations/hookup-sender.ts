import { Injectable } from '@nestjs/common';
import type { HookupValue } from '@relay/contracts';
import { RelayKafka, controlMessage } from '@relay/kafka';
import { sendInTime } from '../publishing/send-in-time.js';

/** Puts registrations that came through an operator on `hookup.v1`. */
@Injectable()
export class HookupSender {
  constructor(private readonly kafka: RelayKafka) {}

  /** Throws a 503 when Kafka does not take it in time: whoever asked must ask again. */
  async send(value: HookupValue): Promise<void> {
    const { tenantId, credentialId } = value;
    const message = controlMessage(this.kafka.partitions, 'hookup.v1', tenantId, credentialId, value);
    await sendInTime(this.kafka, message, 'the registration could not be stored; send it again');
  }
}
