import type { TopicSpec } from '@relay/contracts';
import { RelayKafka } from '@relay/kafka';
import type { TestKafka } from '@relay/testing';

export interface RawMessage {
  /** Without the prefix. */
  readonly topic: string;
  readonly key: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly value: string | null;
}

/** Every message that lies in these topics now, as it was written: nothing is skipped for being wrong. */
export async function dumpTopics(kafka: TestKafka, specs: readonly TopicSpec[]): Promise<RawMessage[]> {
  // By their whole names: what a reader knows by its short name it checks, and skips where it does not fit.
  const topics = specs.map((spec) => ({ ...spec, name: `${kafka.prefix}${spec.name}`, config: {} }));
  const settings = { ...kafka.settings, topicPrefix: '', topicCreate: false };
  const client = new RelayKafka({ service: 'console', settings, topics });
  const found: RawMessage[] = [];
  try {
    await client.topicsReady();
    const reader = client.tableReader({
      topics: topics.map(({ name }) => name),
      onBatch: ({ topic, messages }) => {
        for (const { key, headers, rawValue } of messages) {
          const value = rawValue?.toString('utf8') ?? null;
          found.push({ topic: topic.slice(kafka.prefix.length), key, headers, value });
        }
      },
    });
    await reader.loaded;
  } finally {
    await client.close();
  }
  return found;
}
