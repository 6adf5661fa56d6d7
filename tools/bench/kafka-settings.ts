import type { KafkaSettings } from '#kafka';

/** The settings with which a bench talks to Kafka itself: the defaults of docs/CONTRACT.md §2. */
export function benchKafkaSettings(brokers: string, topicPrefix: string): KafkaSettings {
  return {
    kafkaBrokers: brokers.split(','),
    kafkaSsl: false,
    kafkaSessionTimeoutMs: 10_000,
    topicPrefix,
    consumerGroupPrefix: topicPrefix,
    topicPartitions: 12,
    topicReplication: 1,
    topicMinInsync: 1,
    topicCreate: true,
  };
}
