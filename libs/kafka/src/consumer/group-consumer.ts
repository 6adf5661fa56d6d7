import type {
  Assigner,
  Batch,
  Cluster,
  Consumer,
  ConsumerGroupJoinEvent,
  EachBatchPayload,
  Kafka,
  KafkaMessage,
  PartitionAssigner,
} from 'kafkajs';
import { errorText, errorWord } from '../errors.js';
import type { KafkaLog } from '../ports.js';
import { isFatalCrash } from './crash.js';
import { hasNothingFrom } from './end-probe.js';
import { OffsetCommitter } from './offset-committer.js';
import { placeOf, splitPlace, type Place } from './places.js';
import { Positions } from './positions.js';
import { pause, settledWithin } from './waits.js';

/** Why a partition is not read for the moment. It is read again when no reason is left. */
export type PauseReason = 'busy' | 'shard' | 'place' | 'closing';

export interface FetchedBatch {
  readonly topic: string;
  readonly partition: number;
  readonly messages: readonly KafkaMessage[];
  readonly highWatermark: bigint;
}

export interface GroupConsumerEvents {
  /** Never rejects. `done`: go on after the batch; `dropped`: the same messages may come again. */
  onBatch(batch: FetchedBatch): Promise<'done' | 'dropped'>;
  /** Before the first fetch of a generation: may seek and pause. `isNewMember`: nothing is known of what was held before. */
  onJoin(assigned: ReadonlyMap<string, readonly number[]>, isNewMember: boolean): void;
  /** The consumer has stopped (crash): nothing is held until the next onJoin. */
  onLeft(): void;
  /** It will not come back by itself. */
  onFatal(error: Error): void;
  onHeartbeat?(): void;
}

export interface GroupConsumerOptions {
  readonly kafka: Kafka;
  readonly groupId: string;
  readonly topics: readonly string[];
  readonly sessionTimeoutMs: number;
  readonly assigner: PartitionAssigner;
  readonly fromBeginning: boolean;
  /**
   * For what nobody waits for: a fetch is answered once there is something worth it, or at the end of its wait. A few large
   * batches then cost broker, process and database less than many small ones. Default: at once.
   */
  readonly gathers?: boolean;
  readonly log: KafkaLog;
  readonly events: GroupConsumerEvents;
}

/**
 * Longest wait of a fetch for new messages. It is also how long a partition that was paused may wait for its next fetch,
 * and how long leaving takes: short, at the price of four idle requests a second.
 */
const MAX_WAIT_MS = 250;
/** Worth answering for who gathers: some fifty records. */
const GATHERED_BYTES = 128 * 1024;
/** A handler that takes longer is left to itself: its partition is paused and the fetch loop goes on with heartbeats. */
const DETACH_AFTER_MS = 300;
const CONCURRENT_PARTITIONS = 16;
const RESTART_MIN_MS = 500;
const RESTART_MAX_MS = 5_000;
const DISCONNECT_MS = 5_000;
/**
 * A member of a consumer group over kafkajs: reads batches, remembers positions, commits what is done, pauses by reason.
 * A slow handler never holds up other partitions or heartbeats. What the members share out, and what is done with a
 * batch, is decided by the events.
 */
export class GroupConsumer {
  readonly #consumer: Consumer;
  readonly #committer: OffsetCommitter;
  readonly #pauses = new Map<Place, Set<PauseReason>>();
  readonly #positions = new Positions();
  readonly #busy = new Map<Place, Promise<'done' | 'dropped'>>();
  #cluster: Cluster | null = null;
  #memberId: string | null = null;
  #assigned: Map<string, number[]> = new Map();
  #closing = false;
  #isStarted = false;
  /** Since the last join. */
  #crashes = 0;

  constructor(private readonly options: GroupConsumerOptions) {
    const { kafka, groupId, sessionTimeoutMs, assigner } = options;
    this.#consumer = kafka.consumer({
      groupId,
      sessionTimeout: sessionTimeoutMs,
      rebalanceTimeout: Math.max(sessionTimeoutMs, 10_000),
      heartbeatInterval: Math.floor(sessionTimeoutMs / 6),
      maxWaitTimeInMs: MAX_WAIT_MS,
      minBytes: options.gathers === true ? GATHERED_BYTES : 1,
      allowAutoTopicCreation: false,
      metadataMaxAge: 60_000,
      retry: {
        retries: 5,
        initialRetryTime: 200,
        maxRetryTime: 2_000,
        restartOnFailure: async (error) => !this.#closing && !isFatalCrash(error),
      },
      partitionAssigners: [this.#withCluster(assigner)],
    });
    this.#committer = new OffsetCommitter(this.#consumer, options.log);
  }

  get assigned(): ReadonlyMap<string, readonly number[]> {
    return this.#assigned;
  }

  get isJoined(): boolean {
    return this.#memberId !== null;
  }

  /** Connects and joins, trying until it works. Resolves at once. */
  start(): void {
    if (this.#isStarted) return;
    this.#isStarted = true;
    void this.#start();
  }

  /** Next offset to be handled; undefined before anything is known of the partition. */
  position(topic: string, partition: number): bigint | undefined {
    return this.#positions.get(placeOf(topic, partition));
  }

  pause(topic: string, partition: number, reason: PauseReason): void {
    const place = placeOf(topic, partition);
    const reasons = this.#pauses.get(place) ?? new Set();
    this.#pauses.set(place, reasons.add(reason));
    this.#tell((consumer) => consumer.pause([{ topic, partitions: [partition] }]));
  }

  resume(topic: string, partition: number, reason: PauseReason): void {
    const place = placeOf(topic, partition);
    const reasons = this.#pauses.get(place);
    if (!reasons?.delete(reason) || reasons.size > 0) return;
    this.#pauses.delete(place);
    this.#tell((consumer) => consumer.resume([{ topic, partitions: [partition] }]));
  }

  /** Where the partition is read from next. */
  seek(topic: string, partition: number, offset: bigint): void {
    this.#tell((consumer) => consumer.seek({ topic, partition, offset: String(offset) }));
    this.#positions.move(placeOf(topic, partition), offset);
  }

  /** Everything before `next` is done for good: it is committed soon. */
  commit(topic: string, partition: number, next: bigint): void {
    this.#committer.done(placeOf(topic, partition), next);
  }

  /** The group goes on at `next`, wherever it was before. False: that could not be committed now. */
  goesOnAt(topic: string, partition: number, next: bigint): Promise<boolean> {
    this.seek(topic, partition, next);
    this.commit(topic, partition, next);
    return this.#committer.flush();
  }

  /** What is remembered of a partition is void: it was lost, or is read anew. */
  forget(topic: string, partition: number): void {
    const place = placeOf(topic, partition);
    this.#positions.forget(place);
    this.#committer.forget(place);
  }

  /** Resolves when no handler works on the partition. */
  async idle(topic: string, partition: number): Promise<void> {
    await this.#busy.get(placeOf(topic, partition));
  }

  isBusy(topic: string, partition: number): boolean {
    return this.#busy.has(placeOf(topic, partition));
  }

  /** Resolves true when the position has moved, false after `ms`. */
  moved(topic: string, partition: number, ms: number): Promise<boolean> {
    return this.#positions.moved(placeOf(topic, partition), ms);
  }

  /** True when the log holds no message at or after the position, whatever its end offset is (compaction leaves gaps). */
  async nothingFrom(topic: string, partition: number, offset: bigint): Promise<boolean> {
    if (this.#cluster === null) return false;
    return hasNothingFrom(this.#cluster, topic, partition, offset);
  }

  /**
   * Takes no new batches, waits for running handlers (up to `drainMs`), commits, leaves the group. `onDrained` is called
   * before the wait for handlers that are still running: they are to be told to stop.
   */
  async close(drainMs: number, onDrained: () => void): Promise<void> {
    this.#closing = true;
    for (const [topic, partitions] of this.#assigned) {
      for (const partition of partitions) this.pause(topic, partition, 'closing');
    }
    await Promise.race([Promise.all(this.#busy.values()), pause(drainMs)]);
    onDrained();
    await Promise.race([Promise.all(this.#busy.values()), pause(1_000)]);
    await Promise.race([this.#committer.flush(), pause(2_000)]);
    await Promise.race([this.#consumer.disconnect().catch(() => {}), pause(DISCONNECT_MS)]);
    this.#memberId = null;
  }

  #withCluster(assigner: PartitionAssigner): PartitionAssigner {
    return (config): Assigner => {
      this.#cluster = config.cluster;
      return assigner(config);
    };
  }

  async #start(): Promise<void> {
    this.#listen();
    await this.#run();
  }

  async #runLater(): Promise<void> {
    await pause(Math.min(RESTART_MAX_MS, RESTART_MIN_MS * 2 ** (this.#crashes - 1)));
    await this.#run();
  }

  async #run(): Promise<void> {
    const { log, groupId } = this.options;
    for (let attempt = 0; !this.#closing; attempt++) {
      try {
        await this.#consumer.connect();
        await this.#consumer.subscribe({ topics: [...this.options.topics], fromBeginning: this.options.fromBeginning });
        await this.#consumer.run({
          autoCommit: false,
          eachBatchAutoResolve: false,
          partitionsConsumedConcurrently: CONCURRENT_PARTITIONS,
          eachBatch: (payload) => this.#eachBatch(payload),
        });
        return;
      } catch (error) {
        if (attempt === 0)
          log.warn({ group: groupId, detail: errorText(error) }, 'cannot join the group yet; trying again');
        await pause(Math.min(RESTART_MAX_MS, 200 * 2 ** attempt));
      }
    }
  }

  #listen(): void {
    const consumer = this.#consumer;
    const { events, log, groupId } = this.options;
    consumer.on(consumer.events.GROUP_JOIN, (event) => this.#joined(event));
    consumer.on(consumer.events.HEARTBEAT, () => events.onHeartbeat?.());
    consumer.on(consumer.events.START_BATCH_PROCESS, ({ payload }) => {
      // Everything in it was filtered out: kafkajs steps over it without asking.
      if (payload.batchSize === 0)
        this.#positions.move(placeOf(payload.topic, payload.partition), BigInt(payload.lastOffset) + 1n);
    });
    consumer.on(consumer.events.CRASH, ({ payload }) => {
      this.#memberId = null;
      this.#assigned = new Map();
      events.onLeft();
      if (this.#closing) return;
      const fields = { group: groupId, cause: errorWord(payload.error), detail: payload.error.message };
      if (payload.restart || !isFatalCrash(payload.error)) {
        // Once a change: a Kafka that is away for an hour is not a line a second.
        if (this.#crashes++ === 0) log.warn(fields, 'the consumer lost its connection or group; it starts again');
        if (!payload.restart) void this.#runLater();
        return;
      }
      log.error(fields, 'the consumer has stopped for good');
      events.onFatal(payload.error);
    });
  }

  #joined({ payload }: ConsumerGroupJoinEvent): void {
    const isNewMember = payload.memberId !== this.#memberId;
    this.#memberId = payload.memberId;
    this.#crashes = 0;
    this.#assigned = new Map(Object.entries(payload.memberAssignment));
    const held = new Set([...this.#assigned].flatMap(([topic, ps]) => ps.map((p) => placeOf(topic, p))));
    for (const place of this.#positions.places()) {
      const { topic, partition } = splitPlace(place);
      if (!held.has(place)) this.forget(topic, partition);
    }
    // A restarted consumer has forgotten what was paused.
    for (const [place] of this.#pauses) {
      const { topic, partition } = splitPlace(place);
      this.#tell((consumer) => consumer.pause([{ topic, partitions: [partition] }]));
    }
    this.options.events.onJoin(this.#assigned, isNewMember);
  }

  async #eachBatch(payload: EachBatchPayload): Promise<void> {
    const { batch } = payload;
    const { topic, partition } = batch;
    const place = placeOf(topic, partition);
    if (!payload.isRunning() || payload.isStale() || this.#closing || this.#pauses.has(place) || this.#busy.has(place))
      return;
    const work = this.options.events.onBatch(fetched(batch));
    this.#busy.set(place, work);
    const next = BigInt(batch.lastOffset()) + 1n;
    if (await settledWithin(work, DETACH_AFTER_MS)) {
      this.#busy.delete(place);
      // A partition that was lost meanwhile has no offset to resolve: kafkajs would break on it.
      if ((await work) === 'dropped' || !this.#holds(topic, partition)) return;
      payload.resolveOffset(batch.lastOffset());
      this.#positions.move(place, next);
      return;
    }
    this.pause(topic, partition, 'busy');
    void this.#finishLater(work, topic, partition, next);
  }

  async #finishLater(work: Promise<'done' | 'dropped'>, topic: string, partition: number, next: bigint): Promise<void> {
    const outcome = await work;
    this.#busy.delete(placeOf(topic, partition));
    if (outcome === 'done') this.seek(topic, partition, next);
    this.resume(topic, partition, 'busy');
  }

  #holds(topic: string, partition: number): boolean {
    return this.#assigned.get(topic)?.includes(partition) === true;
  }

  /** kafkajs throws while its consumer is not running: between a crash and the restart there is nothing to tell. */
  #tell(action: (consumer: Consumer) => void): void {
    try {
      action(this.#consumer);
    } catch (error) {
      this.options.log.debug({ group: this.options.groupId, detail: errorText(error) }, 'the consumer is not running');
    }
  }
}

function fetched(batch: Batch): FetchedBatch {
  const { topic, partition, messages } = batch;
  return { topic, partition, messages, highWatermark: BigInt(batch.highWatermark) };
}
