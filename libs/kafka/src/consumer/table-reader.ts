import { PartitionAssigners } from 'kafkajs';
import type { OffsetRange } from '../admin-client.js';
import { errorText } from '../errors.js';
import type { ReceivedBatch } from '../messages.js';
import type { KafkaLog } from '../ports.js';
import { deliver } from './delivery.js';
import type { FetchedBatch, GroupConsumer, GroupConsumerOptions } from './group-consumer.js';
import { ReceivedMessage } from './received-message.js';
import { reachEnd } from './table-end.js';

export interface TableReaderOptions {
  /** Without the prefix. */
  readonly topics: readonly string[];
  /** `end`: only what comes from now on. Default `beginning`. */
  readonly from?: 'beginning' | 'end';
  /** Called in order per partition. When it throws, the same batch comes again. */
  onBatch(batch: ReceivedBatch<unknown>): Promise<void> | void;
}

/** Groups are named without the prefix. */
export type GroupRequest = Omit<GroupConsumerOptions, 'kafka' | 'groupId' | 'sessionTimeoutMs'> & {
  readonly group: string;
};

/** What a reader needs of RelayKafka. */
export interface TableReaderHost {
  name(topic: string): string;
  bareName(name: string): string;
  topicsReady(): Promise<void>;
  groupConsumer(request: GroupRequest): GroupConsumer;
  offsetRanges(topic: string): Promise<Map<number, OffsetRange>>;
  deleteGroup(group: string): Promise<void>;
  reportFatal(reason: string): void;
  forgetReader(reader: TableReader): void;
}

/**
 * Reads whole topics and goes on following them: all partitions, in every process, without committing anything. Kafka has
 * no consumer without a group, so the group is a throw-away one that is deleted at close.
 */
export class TableReader {
  readonly loaded: Promise<void>;
  #isLoaded = false;
  readonly #abort = new AbortController();
  readonly #consumer: GroupConsumer;
  #loading = false;
  #resolveLoaded: () => void = () => {};

  constructor(
    private readonly kafka: TableReaderHost,
    private readonly group: string,
    private readonly options: TableReaderOptions,
    private readonly log: KafkaLog,
  ) {
    this.loaded = new Promise((resolve) => {
      this.#resolveLoaded = resolve;
    });
    this.#consumer = kafka.groupConsumer({
      group,
      topics: options.topics,
      fromBeginning: (options.from ?? 'beginning') === 'beginning',
      log,
      assigner: PartitionAssigners.roundRobin,
      events: {
        onBatch: (batch) => this.#onBatch(batch),
        onJoin: (assigned) => this.#joined(assigned),
        onLeft: () => {},
        onFatal: (error) => this.kafka.reportFatal(`reader of ${options.topics.join(', ')} stopped: ${error.message}`),
      },
    });
    void kafka.topicsReady().then(() => this.#consumer.start());
  }

  /** True once every partition was read to the end that it had at the start. */
  get isLoaded(): boolean {
    return this.#isLoaded;
  }

  async close(): Promise<void> {
    this.#abort.abort();
    await this.#consumer.close(0, () => {});
    await this.kafka.deleteGroup(this.group);
    this.kafka.forgetReader(this);
  }

  #joined(assigned: ReadonlyMap<string, readonly number[]>): void {
    // Alone in its group and never committing: after a new join it would start from the beginning again.
    for (const [topic, partitions] of assigned) {
      for (const partition of partitions) {
        const position = this.#consumer.position(topic, partition);
        if (position !== undefined && !this.#consumer.isBusy(topic, partition))
          this.#consumer.seek(topic, partition, position);
      }
    }
    if (this.#loading || this.#isLoaded) return;
    this.#loading = true;
    void this.#load();
  }

  async #load(): Promise<void> {
    const { topics } = this.options;
    while (!this.#abort.signal.aborted) {
      try {
        const ranges = await Promise.all(
          topics.map(async (topic) => ({ topic, ranges: await this.kafka.offsetRanges(topic) })),
        );
        await Promise.all(ranges.flatMap(({ topic, ranges }) => [...ranges].map((entry) => this.#reach(topic, entry))));
        break;
      } catch (error) {
        this.log.debug({ topics, detail: errorText(error) }, 'the end of the topics is not known yet');
        await new Promise((resolve) => setTimeout(resolve, 500));
      }
    }
    if (this.#abort.signal.aborted) return;
    this.#isLoaded = true;
    this.#resolveLoaded();
  }

  async #reach(topic: string, [partition, { low, high }]: [number, OffsetRange]): Promise<void> {
    if (low === high || this.options.from === 'end') return;
    const name = this.kafka.name(topic);
    // A partition that has given nothing so far stands at its first offset.
    if (this.#consumer.position(name, partition) === undefined) this.#consumer.seek(name, partition, low);
    await reachEnd(this.#consumer, name, partition, high, this.#abort.signal);
  }

  async #onBatch({ topic: name, partition, messages }: FetchedBatch): Promise<'done' | 'dropped'> {
    const topic = this.kafka.bareName(name);
    const received = messages.map((message) => new ReceivedMessage(topic, partition, message));
    const { signal } = this.#abort;
    return deliver(
      received,
      {
        inBatches: true,
        handle: async (batch) => {
          await this.options.onBatch({ topic, partition, messages: batch, epoch: null, signal });
        },
        // A reader owns nothing: the group that does puts it on the dead-letter topic.
        putAside: async (message, cause) => {
          this.log.warn({ topic, partition, offset: String(message.offset), cause }, 'a message is skipped');
        },
        judge: async () => ({ kind: 'again', afterMs: null }),
      },
      signal,
      this.log,
    );
  }
}
