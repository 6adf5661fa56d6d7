import type { TopicSpec } from '@relay/contracts';
import type { TestScope } from '@relay/testing';
import type { ISocketFactory } from 'kafkajs';
import type { KafkaLog, KafkaMetrics } from '../ports.js';
import { RelayKafka } from '../relay-kafka.js';
import type { KafkaSettings } from '../settings.js';

/** A topic that no contract knows: its values are not checked. */
export function scratchTopic(name: string, config: Record<string, string> = { 'cleanup.policy': 'delete' }): TopicSpec {
  return { name, partitionedBy: 'key', writers: [], readers: [], config };
}

export interface Watched {
  produced?(messages: number): void;
  deadLetter?(topic: string, cause: string): void;
}

/** A client whose topics are ready; closed with the scope. */
export async function startedKafka(
  scope: TestScope,
  settings: KafkaSettings,
  topics: readonly TopicSpec[],
  watched: Watched = {},
  socketFactory?: ISocketFactory,
): Promise<RelayKafka> {
  const metrics: KafkaMetrics = {
    counter: ({ name }) => ({
      inc: (labels) => {
        if (name === 'relay_dead_letters_total')
          watched.deadLetter?.(labels['topic'] as string, labels['cause'] as string);
      },
    }),
    gauge: () => ({ set() {} }),
    histogram: ({ name }) => ({
      observe: (_labels, value) => {
        if (name === 'relay_kafka_produce_batch_size') watched.produced?.(value);
      },
    }),
  };
  const kafka = new RelayKafka({
    service: 'gateway',
    settings,
    topics,
    metrics,
    log: testLog,
    ...(socketFactory ? { socketFactory } : {}),
  });
  scope.onTestFinished(() => kafka.close());
  await kafka.topicsReady();
  return kafka;
}

/** Tests look at what happens, not at lines. */
export const testLog: KafkaLog = {
  debug() {},
  info() {},
  warn() {},
  error() {},
};
