import { deleteTopics, type KafkaSettings } from '@relay/kafka';
import { randomBytes } from 'node:crypto';
import type { TestScope } from './scope.js';
import { testServer } from './servers.js';

export interface TestKafka {
  readonly brokers: string[];
  /** Prefix of topics and groups, of this scope alone. */
  readonly prefix: string;
  readonly settings: KafkaSettings;
}

/** Topics under a prefix of their own, with few partitions and a short session; deleted with the scope. */
export async function testKafka(scope: TestScope, over: Partial<KafkaSettings> = {}): Promise<TestKafka> {
  const brokers = testServer('KAFKA_BROKERS').split(',');
  const prefix = `test-${randomBytes(5).toString('hex')}.`;
  const settings: KafkaSettings = {
    kafkaBrokers: brokers,
    kafkaSessionTimeoutMs: 6_000,
    topicPrefix: prefix,
    consumerGroupPrefix: prefix,
    topicPartitions: 4,
    topicReplication: 1,
    topicMinInsync: 1,
    topicCreate: true,
    ...over,
  };
  scope.onTestFinished(async () => {
    await deleteTopics(settings, prefix);
  });
  return { brokers, prefix, settings };
}
