import { recordTopicSpec, type RecordEventValue } from '@relay/contracts';
import { RelayKafka, type TableReader } from '@relay/kafka';
import type { TestKafka, TestScope } from '@relay/testing';

/** One message of a record topic, in the order in which it was read. */
export interface SeenEvent {
  readonly topic: string;
  readonly partition: number;
  readonly offset: bigint;
  readonly key: string;
  readonly version: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly value: RecordEventValue | null;
}

/** What a consumer outside the relay sees: every message of the record topics, from the beginning. */
export class EventLog {
  readonly events: SeenEvent[] = [];

  private constructor(private readonly kafka: RelayKafka) {}

  static async follow(
    scope: TestScope,
    kafka: TestKafka,
    topics: readonly ['provet' | 'exact', string][],
  ): Promise<EventLog> {
    const specs = topics.map(([vendor, resource]) => recordTopicSpec(vendor, resource));
    const client = new RelayKafka({ service: 'console', settings: kafka.settings, topics: specs });
    scope.onTestFinished(() => client.close());
    await client.topicsReady();
    const log = new EventLog(client);
    await log.#read(specs.map((spec) => spec.name)).loaded;
    return log;
  }

  #read(topics: readonly string[]): TableReader {
    return this.kafka.tableReader({
      topics,
      onBatch: ({ topic, partition, messages }) => {
        for (const { key, headers, offset, value } of messages) {
          const version = Number(headers['ce_recordversion']);
          // The strategy validates control topics only; what a record event is, the tests check themselves.
          this.events.push({
            topic,
            partition,
            offset,
            key,
            version,
            headers,
            value: value as RecordEventValue | null,
          });
        }
      },
    });
  }

  of(key: string, topic?: string): SeenEvent[] {
    return this.events.filter((event) => event.key === key && (topic === undefined || event.topic === topic));
  }

  /** What a consumer holds that drops `version <= seen` per key, as the contract tells it to. */
  present(topic: string): Map<string, SeenEvent> {
    const newest = new Map<string, SeenEvent>();
    for (const event of this.events) {
      if (event.topic === topic && event.version > (newest.get(event.key)?.version ?? 0)) newest.set(event.key, event);
    }
    return newest;
  }

  /** The record as a consumer holds it; undefined when it never came, null when it was deleted. */
  record(topic: string, key: string): Record<string, unknown> | null | undefined {
    const event = this.present(topic).get(key);
    return event === undefined ? undefined : (event.value?.record ?? null);
  }
}
