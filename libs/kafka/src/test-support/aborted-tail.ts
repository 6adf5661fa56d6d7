import { Kafka, logLevel } from 'kafkajs';
import type { RelayKafka } from '../relay-kafka.js';
import { connectionOf, type KafkaSettings } from '../settings.js';

/** Puts an aborted transaction at the end of a partition: offsets that exist and that no reader ever gets. */
export async function abortedTail(
  kafka: RelayKafka,
  settings: KafkaSettings,
  topic: string,
  partition = 0,
): Promise<void> {
  const client = new Kafka({ ...connectionOf(settings), logLevel: logLevel.NOTHING });
  const producer = client.producer({
    transactionalId: `${settings.topicPrefix}aborted`,
    idempotent: true,
    maxInFlightRequests: 1,
    createPartitioner: () => () => partition,
  });
  await producer.connect();
  try {
    const transaction = await producer.transaction();
    await transaction.send({ topic: kafka.name(topic), messages: [{ key: 'aborted', value: '1' }] });
    await transaction.abort();
  } finally {
    await producer.disconnect();
  }
}
