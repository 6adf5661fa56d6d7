import type { ServiceName, TopicSpec } from '@relay/contracts';
import { randomUUID } from 'node:crypto';
import { Kafka, logLevel, type ISocketFactory, type KafkaConfig } from 'kafkajs';
import { AdminClient, type OffsetRange } from './admin-client.js';
import { GroupConsumer } from './consumer/group-consumer.js';
import { TableReader, type GroupRequest, type TableReaderOptions } from './consumer/table-reader.js';
import { errorText } from './errors.js';
import { patchHalfConnections } from './half-connection-patch.js';
import { patchEncoding } from './encoding/encoding-patch.js';
import { patchIdleTimer } from './idle-timer-patch.js';
import { kafkaInstruments, type KafkaInstruments } from './instruments.js';
import { kafkajsLog } from './kafkajs-log.js';
import { silentLog, type KafkaHealth, type KafkaHealthCheck, type KafkaLog, type KafkaMetrics } from './ports.js';
import { GroupingProducer, type ProducerKind } from './producer/grouping-producer.js';
import { connectionOf, type KafkaSettings } from './settings.js';
import { TopicKeeper } from './topics/topic-keeper.js';

export interface RelayKafkaOptions {
  readonly service: ServiceName;
  readonly settings: KafkaSettings;
  /** What this service reads or writes; created or verified at start. */
  readonly topics: readonly TopicSpec[];
  readonly log?: KafkaLog;
  readonly health?: KafkaHealth;
  readonly metrics?: KafkaMetrics;
  /** Another way to make connections: tests put a broken network in between. */
  readonly socketFactory?: ISocketFactory;
}

/** A broker that is frozen for a moment holds a produce request no longer than this after it wakes. */
const PRODUCE_TIMEOUT_MS = 5_000;
const REQUEST_TIMEOUT_MS = 10_000;
const CONNECT_TIMEOUT_MS = 3_000;
/** How long an answer to `ping` is good for: readiness is asked often. */
const PING_FRESH_MS = 2_000;

/** This service's way to Kafka: producers, readers, offsets, its topics. One a process. */
export class RelayKafka {
  readonly instruments: KafkaInstruments;
  readonly #log: KafkaLog;
  readonly #settings: KafkaSettings;
  readonly #admin: AdminClient;
  readonly #topics: TopicKeeper;
  readonly #producers = new Map<ProducerKind, GroupingProducer>();
  readonly #readers = new Set<TableReader>();
  #pinged: { at: number; result: Promise<KafkaHealthCheck> } | null = null;

  constructor(private readonly options: RelayKafkaOptions) {
    const { service, settings, topics, log = silentLog, health, metrics } = options;
    this.#log = log;
    this.#settings = settings;
    patchIdleTimer(log);
    patchHalfConnections(log);
    patchEncoding(log);
    this.instruments = kafkaInstruments(metrics);
    const admin = this.#client(REQUEST_TIMEOUT_MS).admin({
      retry: { retries: 2, initialRetryTime: 100, maxRetryTime: 500 },
    });
    this.#admin = new AdminClient(admin, settings.topicPrefix);
    this.#topics = new TopicKeeper(this.#admin, topics, settings, log);
    health?.register('topics', () => this.#topics.check());
    health?.register('kafka', () => this.#check());
    log.debug({ service, brokers: settings.kafkaBrokers }, 'Kafka client made');
  }

  /** Partitions of every topic (TOPIC_PARTITIONS). */
  get partitions(): number {
    return this.#settings.topicPartitions;
  }

  /** Name of a topic on the broker. */
  name(topic: string): string {
    return this.#settings.topicPrefix + topic;
  }

  /** The reverse of `name`. */
  bareName(name: string): string {
    return name.startsWith(this.#settings.topicPrefix) ? name.slice(this.#settings.topicPrefix.length) : name;
  }

  /** Begins to create or verify the topics, in the background. Resolves when they are ready, however long it takes. */
  topicsReady(): Promise<void> {
    return this.#topics.ready();
  }

  /** The process's producer of that kind. It connects with its first message. */
  producer(kind: ProducerKind): GroupingProducer {
    const existing = this.#producers.get(kind);
    if (existing !== undefined) return existing;
    // Tries are this lib's own, so that it knows what an attempt has left uncertain.
    const client = this.#client(PRODUCE_TIMEOUT_MS).producer({
      allowAutoTopicCreation: false,
      idempotent: false,
      retry: { retries: 0 },
      metadataMaxAge: 60_000,
      // Every message names its partition: the one that any Kafka client would choose for the key, or the tenant's.
      createPartitioner:
        () =>
        ({ message }) =>
          message.partition as number,
    });
    const producer = new GroupingProducer(client, {
      kind,
      partitions: this.partitions,
      prefix: this.#settings.topicPrefix,
      log: this.#log,
      instruments: this.instruments,
    });
    this.#producers.set(kind, producer);
    return producer;
  }

  /** Reads whole topics, from the beginning by default, and follows them. Closed with this object. */
  tableReader(options: TableReaderOptions): TableReader {
    const reader = new TableReader(this, `${this.options.service}.table.${randomUUID()}`, options, this.#log);
    this.#readers.add(reader);
    return reader;
  }

  /** Names without the prefix of all topics on the broker that have it. */
  async listTopics(): Promise<string[]> {
    const names = await this.#admin.run((admin) => admin.listTopics());
    return names.filter((name) => name.startsWith(this.#settings.topicPrefix)).map((name) => this.bareName(name));
  }

  /** Next offsets of all partitions, asked for after this call. */
  async endOffsets(topic: string): Promise<Map<number, bigint>> {
    const ranges = await this.#admin.offsetRanges(topic);
    return new Map([...ranges].map(([partition, { high }]) => [partition, high] as const));
  }

  offsetRanges(topic: string): Promise<Map<number, OffsetRange>> {
    return this.#admin.offsetRanges(topic);
  }

  /** Offsets that a group (without prefix) has committed; partitions without one are left out. */
  async committedOffsets(group: string, topic: string): Promise<Map<number, bigint>> {
    const groupId = this.#settings.consumerGroupPrefix + group;
    const answer = await this.#admin.run((admin) => admin.fetchOffsets({ groupId, topics: [this.name(topic)] }));
    const partitions = answer.flatMap((entry) => entry.partitions);
    return new Map(
      partitions.map((p) => [p.partition, BigInt(p.offset)] as const).filter(([, offset]) => offset >= 0n),
    );
  }

  /** Rejects when no broker answers. */
  async ping(): Promise<void> {
    await this.#admin.run((admin) => admin.describeCluster(), 1);
  }

  /** A member of a consumer group; for the transports of this lib. */
  groupConsumer({ group, topics, ...request }: GroupRequest): GroupConsumer {
    return new GroupConsumer({
      ...request,
      kafka: this.#client(REQUEST_TIMEOUT_MS),
      groupId: this.#settings.consumerGroupPrefix + group,
      topics: topics.map((topic) => this.name(topic)),
      sessionTimeoutMs: this.#settings.kafkaSessionTimeoutMs,
    });
  }

  /** Best effort: an empty group that is left behind is removed by the broker in time. */
  async deleteGroup(group: string): Promise<void> {
    const groupId = this.#settings.consumerGroupPrefix + group;
    await this.#admin
      .run((admin) => admin.deleteGroups([groupId]), 2)
      .catch((error: unknown) => {
        this.#log.debug({ groupId, detail: errorText(error) }, 'a group was not deleted');
      });
  }

  reportFatal(reason: string): void {
    this.options.health?.setFatal(reason);
  }

  forgetReader(reader: TableReader): void {
    this.#readers.delete(reader);
  }

  /** Readers first, then producers with what they still hold, then the rest. Safe to call twice. */
  async close(): Promise<void> {
    this.#topics.close();
    await Promise.all([...this.#readers].map((reader) => reader.close()));
    await Promise.all([...this.#producers.values()].map((producer) => producer.close()));
    await this.#admin.close();
  }

  #check(): Promise<KafkaHealthCheck> {
    const now = Date.now();
    if (this.#pinged === null || now - this.#pinged.at > PING_FRESH_MS) {
      const result = this.ping().then(
        (): KafkaHealthCheck => ({ status: 'up' }),
        (error: unknown): KafkaHealthCheck => ({ status: 'down', detail: errorText(error) }),
      );
      this.#pinged = { at: now, result };
    }
    return this.#pinged.result;
  }

  #client(requestTimeout: number): Kafka {
    const config: KafkaConfig = {
      ...connectionOf(this.#settings),
      ...(this.options.socketFactory ? { socketFactory: this.options.socketFactory } : {}),
      clientId: `practice-relay-${this.options.service}`,
      connectionTimeout: CONNECT_TIMEOUT_MS,
      requestTimeout,
      enforceRequestTimeout: true,
      retry: { retries: 2, initialRetryTime: 100, maxRetryTime: 1_000 },
      logLevel: logLevel.WARN,
      logCreator: kafkajsLog(this.#log),
    };
    return new Kafka(config);
  }
}
