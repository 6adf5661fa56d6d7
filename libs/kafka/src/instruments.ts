import type { KafkaMetrics } from './ports.js';

/** Every metric of this lib, made once a process. */
export interface KafkaInstruments {
  produced(kind: string, messages: number, seconds: number): void;
  produceFailed(kind: string, outcome: string, messages: number): void;
  handled(group: string, topic: string, messages: number): void;
  retried(group: string, topic: string): void;
  deadLetter(topic: string, cause: string): void;
  lag(group: string, topic: string, messages: number): void;
  stuck(group: string, partitions: number): void;
  shards(group: string, held: number): void;
}

export function kafkaInstruments(metrics: KafkaMetrics | undefined): KafkaInstruments {
  if (metrics === undefined) return silent;
  const batch = metrics.histogram({
    name: 'relay_kafka_produce_batch_size',
    help: 'Messages in one produce request',
    labelNames: ['kind'],
    buckets: [1, 2, 5, 10, 25, 50, 100, 250, 500, 1000, 2500],
  });
  const time = metrics.histogram({
    name: 'relay_kafka_produce_seconds',
    help: 'Time until a produce request was acknowledged by all in-sync replicas',
    labelNames: ['kind'],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
  });
  const failures = metrics.counter({
    name: 'relay_kafka_produce_failures_total',
    help: 'Messages that were not acknowledged, by what is known of them',
    labelNames: ['kind', 'outcome'],
  });
  const handled = metrics.counter({
    name: 'relay_kafka_handled_total',
    help: 'Messages that their handler has finished',
    labelNames: ['group', 'topic'],
  });
  const retries = metrics.counter({
    name: 'relay_kafka_handler_retries_total',
    help: 'Times that messages were handed to their handler again',
    labelNames: ['group', 'topic'],
  });
  const dead = metrics.counter({
    name: 'relay_dead_letters_total',
    help: 'Messages put on the dead-letter topic',
    labelNames: ['topic', 'cause'],
  });
  const lag = metrics.gauge({
    name: 'relay_kafka_consumer_lag',
    help: 'Messages between the end of the topic and what this process has finished, over its partitions',
    labelNames: ['group', 'topic'],
  });
  const stuck = metrics.gauge({
    name: 'relay_kafka_consumer_stuck_partitions',
    help: 'Partitions with waiting messages and no progress, outside declared back-off',
    labelNames: ['group'],
  });
  const shards = metrics.gauge({
    name: 'relay_kafka_shards',
    help: 'Shards that this process holds and has loaded',
    labelNames: ['group'],
  });
  return {
    produced: (kind, messages, seconds) => {
      batch.observe({ kind }, messages);
      time.observe({ kind }, seconds);
    },
    produceFailed: (kind, outcome, messages) => failures.inc({ kind, outcome }, messages),
    handled: (group, topic, messages) => handled.inc({ group, topic }, messages),
    retried: (group, topic) => retries.inc({ group, topic }),
    deadLetter: (topic, cause) => dead.inc({ topic, cause }),
    lag: (group, topic, messages) => lag.set({ group, topic }, messages),
    stuck: (group, partitions) => stuck.set({ group }, partitions),
    shards: (group, held) => shards.set({ group }, held),
  };
}

const silent: KafkaInstruments = {
  produced() {},
  produceFailed() {},
  handled() {},
  retried() {},
  deadLetter() {},
  lag() {},
  stuck() {},
  shards() {},
};
