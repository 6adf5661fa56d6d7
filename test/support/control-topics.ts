import { controlTopicSpec, type ControlTopic } from '@relay/contracts';
import { RelayKafka } from '@relay/kafka';
import type { TestKafka, TestScope } from '@relay/testing';

/** One message of a control topic, with its value parsed but not validated. */
export interface ControlMessage {
  readonly topic: string;
  readonly key: string;
  readonly value: unknown;
}

/** Everything that lies in some control topics now, tombstones left out. */
export async function readControlTopics(
  scope: TestScope,
  kafka: TestKafka,
  topics: readonly ControlTopic[],
): Promise<ControlMessage[]> {
  const client = new RelayKafka({ service: 'console', settings: kafka.settings, topics: topics.map(controlTopicSpec) });
  scope.onTestFinished(() => client.close());
  await client.topicsReady();
  const found: ControlMessage[] = [];
  const reader = client.tableReader({
    topics,
    onBatch: ({ topic, messages }) => {
      for (const { key, rawValue } of messages) {
        if (rawValue !== null) found.push({ topic, key, value: JSON.parse(rawValue.toString()) });
      }
    },
  });
  await reader.loaded;
  return found;
}
