import type {
  Assigner,
  Cluster,
  Consumer,
  ConsumerGroupJoinEvent,
  EachBatchPayload,
  Kafka,
  PartitionAssigner,
} from 'kafkajs';
import { errorText, errorWord } from '../errors.js';
import type { KafkaLog } from '../ports.js';
import { isFatalCrash } from './crash.js';
import { pause } from './waits.js';

export interface MembershipEvents {
  onBatch(payload: EachBatchPayload): Promise<void>;
  /** Everything before `next` was filtered out: kafkajs steps over it without asking. */
  onSkipped(topic: string, partition: number, next: bigint): void;
  /** Before the first fetch of a generation: may seek and pause. `isNewMember`: nothing is known of what was held before. */
  onJoin(assigned: ReadonlyMap<string, readonly number[]>, isNewMember: boolean): void;
  /** The consumer has stopped (crash): nothing is held until the next onJoin. */
  onLeft(): void;
  /** It will not come back by itself. */
  onFatal(error: Error): void;
  onHeartbeat?(): void;
}

export interface MembershipOptions {
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
  readonly events: MembershipEvents;
}

/**
 * Longest wait of a fetch for new messages. It is also how long a partition that was paused may wait for its next fetch,
 * and how long leaving takes: short, at the price of four idle requests a second.
 */
const MAX_WAIT_MS = 250;
/** Worth answering for who gathers: some fifty records. */
const GATHERED_BYTES = 128 * 1024;
const CONCURRENT_PARTITIONS = 16;
const RESTART_MIN_MS = 500;
const RESTART_MAX_MS = 5_000;
const DISCONNECT_MS = 5_000;

/** Being in a consumer group over kafkajs: joins, whatever it takes, joins again after a crash, and knows what is assigned. */
export class GroupMembership {
  readonly consumer: Consumer;
  #cluster: Cluster | null = null;
  #memberId: string | null = null;
  #assigned: Map<string, number[]> = new Map();
  #isLeaving = false;
  #isStarted = false;
  /** Since the last join. */
  #crashes = 0;

  constructor(private readonly options: MembershipOptions) {
    const { kafka, groupId, sessionTimeoutMs, assigner } = options;
    this.consumer = kafka.consumer({
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
        restartOnFailure: async (error) => !this.#isLeaving && !isFatalCrash(error),
      },
      partitionAssigners: [this.#withCluster(assigner)],
    });
  }

  /** Known once it has joined. */
  get cluster(): Cluster | null {
    return this.#cluster;
  }

  get assigned(): ReadonlyMap<string, readonly number[]> {
    return this.#assigned;
  }

  get isJoined(): boolean {
    return this.#memberId !== null;
  }

  get isLeaving(): boolean {
    return this.#isLeaving;
  }

  holds(topic: string, partition: number): boolean {
    return this.#assigned.get(topic)?.includes(partition) === true;
  }

  /** Connects and joins, trying until it works. Resolves at once. */
  start(): void {
    if (this.#isStarted) return;
    this.#isStarted = true;
    this.#listen();
    void this.#run();
  }

  /** It takes nothing new from here on, and does not join again. */
  beginToLeave(): void {
    this.#isLeaving = true;
  }

  async leave(): Promise<void> {
    await Promise.race([this.consumer.disconnect().catch(() => {}), pause(DISCONNECT_MS)]);
    this.#memberId = null;
  }

  /** kafkajs throws while its consumer is not running: between a crash and the restart there is nothing to tell. */
  tell(action: (consumer: Consumer) => void): void {
    try {
      action(this.consumer);
    } catch (error) {
      this.options.log.debug({ group: this.options.groupId, detail: errorText(error) }, 'the consumer is not running');
    }
  }

  #withCluster(assigner: PartitionAssigner): PartitionAssigner {
    return (config): Assigner => {
      this.#cluster = config.cluster;
      return assigner(config);
    };
  }

  async #runLater(): Promise<void> {
    await pause(Math.min(RESTART_MAX_MS, RESTART_MIN_MS * 2 ** (this.#crashes - 1)));
    await this.#run();
  }

  async #run(): Promise<void> {
    const { log, groupId, events } = this.options;
    for (let attempt = 0; !this.#isLeaving; attempt++) {
      try {
        await this.consumer.connect();
        await this.consumer.subscribe({ topics: [...this.options.topics], fromBeginning: this.options.fromBeginning });
        await this.consumer.run({
          autoCommit: false,
          eachBatchAutoResolve: false,
          partitionsConsumedConcurrently: CONCURRENT_PARTITIONS,
          eachBatch: (payload) => events.onBatch(payload),
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
    const { consumer } = this;
    const { events, log, groupId } = this.options;
    consumer.on(consumer.events.GROUP_JOIN, (event) => this.#joined(event));
    consumer.on(consumer.events.HEARTBEAT, () => events.onHeartbeat?.());
    consumer.on(consumer.events.START_BATCH_PROCESS, ({ payload }) => {
      if (payload.batchSize === 0) events.onSkipped(payload.topic, payload.partition, BigInt(payload.lastOffset) + 1n);
    });
    consumer.on(consumer.events.CRASH, ({ payload }) => {
      this.#memberId = null;
      this.#assigned = new Map();
      events.onLeft();
      if (this.#isLeaving) return;
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
    this.options.events.onJoin(this.#assigned, isNewMember);
  }
}
