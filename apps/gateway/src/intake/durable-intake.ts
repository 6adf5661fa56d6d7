import { Inject, Injectable } from '@nestjs/common';
import type { ControlTopic, ControlValue } from '@relay/contracts';
import { KafkaSendError, RelayKafka, controlMessage, type GroupingProducer } from '@relay/kafka';
import { Log } from '@relay/service-kit';

/** Answers promise a 503 within ten seconds; half of that leaves room for slow clients and a busy process. */
const DEADLINE_MS = 5000;

export type IntakeOutcome = 'durable' | 'unavailable';

/**
 * The only way from the front door into Kafka. What it calls durable has been acknowledged by every in-sync replica;
 * nothing is answered with success before that.
 */
@Injectable()
export class DurableIntake {
  private readonly producer: GroupingProducer;

  constructor(
    @Inject(RelayKafka) private readonly kafka: RelayKafka,
    @Inject(Log) private readonly log: Log,
  ) {
    this.producer = kafka.producer('control');
  }

  /**
   * Resolves once the message is durable, or with `unavailable` when Kafka does not take it in time. After `unavailable`
   * it may still arrive: the sender's retry then makes a duplicate, which every reader tolerates.
   */
  async take<T extends ControlTopic>(
    topic: T,
    tenantId: string,
    key: string,
    value: ControlValue<T>,
  ): Promise<IntakeOutcome> {
    try {
      await this.producer.send(controlMessage(this.kafka.partitions, topic, tenantId, key, value), {
        deadlineMs: DEADLINE_MS,
      });
      return 'durable';
    } catch (error) {
      if (!(error instanceof KafkaSendError)) throw error;
      this.log.warn({ topic, err: error }, 'not taken in: Kafka did not acknowledge in time');
      return 'unavailable';
    }
  }
}
