import { Injectable } from '@nestjs/common';
import type { HookupValue } from '@relay/contracts';
import { KafkaSendError, RelayKafka, controlMessage } from '@relay/kafka';
import { Problem } from '@relay/service-kit';

/** As long as the gateway waits for the same thing. */
const SEND_DEADLINE_MS = 5_000;

/** Puts registrations that came through an operator on `hookup.v1`. */
@Injectable()
export class HookupSender {
  constructor(private readonly kafka: RelayKafka) {}

  /** Throws a 503 when Kafka does not take it in time: whoever asked must ask again. */
  async send(value: HookupValue): Promise<void> {
    const { tenantId, credentialId } = value;
    const message = controlMessage(this.kafka.partitions, 'hookup.v1', tenantId, credentialId, value);
    try {
      await this.kafka.producer('control').send(message, { deadlineMs: SEND_DEADLINE_MS });
    } catch (error) {
      if (!(error instanceof KafkaSendError)) throw error;
      throw new Problem(503, {
        code: 'kafka-unavailable',
        detail: 'the registration could not be stored; send it again',
        headers: { 'retry-after': '5' },
      });
    }
  }
}
