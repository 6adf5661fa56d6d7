import { Server, type CustomTransportStrategy, type MessageHandler } from '@nestjs/microservices';
import { PartitionAssigners } from 'kafkajs';
import { lastValueFrom } from 'rxjs';
import {
  deliver,
  judgeByRetryable,
  type DeliveryPace,
  type DeliveryRules,
  type Verdict,
} from '../consumer/delivery.js';
import { GroupConsumer, type FetchedBatch } from '../consumer/group-consumer.js';
import { placeOf, splitPlace, type Place } from '../consumer/places.js';
import { StartPlaces } from '../consumer/start-places.js';
import { ReceivedMessage } from '../consumer/received-message.js';
import { KafkaSetupError } from '../errors.js';
import type { ReceivedBatch } from '../messages.js';
import type { KafkaHealth, KafkaHealthCheck, KafkaLog, KafkaMetrics } from '../ports.js';
import type { RelayKafka } from '../relay-kafka.js';
import { shardAssigner } from '../shards/shard-assigner.js';
import { ShardKeeper } from '../shards/shard-keeper.js';
import type { ShardOwner } from '../shards/shard-owner.js';
import { deadLetterOf } from './dead-letters.js';
import { KafkaContext, groupTransport } from './group-handlers.js';
import { ProgressWatch } from './progress-watch.js';

export interface GroupTopic {
  /** `queue`: read on from the committed offset. `table` (sharded groups): read whole whenever a shard is taken. */
  readonly kind: 'queue' | 'table';
}

export interface KafkaGroupServerOptions {
  readonly kafka: RelayKafka;
  /** Without the prefix. */
  readonly group: string;
  readonly topics: Readonly<Record<string, GroupTopic>>;
  readonly sharding?: ShardOwner;
  /** Groups without shards: where a topic's partitions go on by the service's own books; null: where the group has come. */
  readonly goesOnAt?: (topic: string) => Promise<ReadonlyMap<number, bigint> | null>;
  /** Nobody waits for these messages: they are read in few, large batches, a quarter of a second late at most. */
  readonly gathers?: boolean;
  readonly log: KafkaLog;
  readonly health?: KafkaHealth;
  /** Not used: metrics come with RelayKafka, once a process. Accepted so that all strategies are made alike. */
  readonly metrics?: KafkaMetrics;
  readonly pace?: DeliveryPace;
  /** How long a partition may have waiting messages and no progress before it is reported. */
  readonly stuckAfterMs?: number;
  /** How long running handlers may take to finish at close. */
  readonly drainMs?: number;
}

type Ticket = { readonly epoch: number | null; readonly signal: AbortSignal };

const STUCK_AFTER_MS = 60_000;
const DRAIN_MS = 5_000;

/** A Nest transport: one consumer group whose messages go to `@EventPattern` handlers. */
export class KafkaGroupServer extends Server implements CustomTransportStrategy {
  override readonly transportId: symbol;
  override readonly propagatesEventHandlerErrors = true;
  readonly #consumer: GroupConsumer;
  readonly #keeper: ShardKeeper | null;
  readonly #watch: ProgressWatch;
  readonly #places: StartPlaces | null;
  /** Groups without shards: a signal for each assigned partition. */
  readonly #partitions = new Map<Place, AbortController>();
  readonly #waiting = new Set<Place>();
  #fatal: string | null = null;

  constructor(private readonly options: KafkaGroupServerOptions) {
    super();
    const { kafka, group, sharding, log } = options;
    this.transportId = groupTransport(group);
    const names = (kind: 'queue' | 'table') =>
      Object.keys(options.topics).filter((topic) => options.topics[topic]?.kind === kind);
    if (sharding === undefined && names('table').length > 0) {
      throw new KafkaSetupError(`${group}: table topics need a sharded group: ${names('table').join(', ')}`);
    }
    this.#consumer = kafka.groupConsumer({
      group,
      topics: Object.keys(options.topics),
      fromBeginning: true,
      gathers: options.gathers ?? false,
      log,
      assigner:
        sharding === undefined ? PartitionAssigners.roundRobin : shardAssigner(() => this.#keeper?.held() ?? []),
      events: {
        onBatch: (batch) => this.#onBatch(batch),
        onJoin: (assigned, isNewMember) => this.#joined(assigned, isNewMember),
        onLeft: () => this.#left(),
        onFatal: (error) => this.#failForGood(error),
        onHeartbeat: () => this.#keeper?.heartbeat(),
      },
    });
    this.#keeper =
      sharding === undefined
        ? null
        : new ShardKeeper({
            consumer: this.#consumer,
            owner: sharding,
            tables: names('table').map((topic) => kafka.name(topic)),
            queues: names('queue').map((topic) => kafka.name(topic)),
            offsetRanges: (topic) => kafka.offsetRanges(kafka.bareName(topic)),
            goesOnAt: async (shard, topic) => (await sharding.goesOnAt?.(shard, kafka.bareName(topic))) ?? null,
            log,
          });
    const { goesOnAt } = options;
    this.#places =
      goesOnAt === undefined
        ? null
        : new StartPlaces({
            consumer: this.#consumer,
            goesOnAt: (topic) => goesOnAt(kafka.bareName(topic)),
            offsetRanges: (topic) => kafka.offsetRanges(kafka.bareName(topic)),
            log,
          });
    this.#watch = new ProgressWatch({
      kafka,
      group,
      topics: names('queue'),
      consumer: this.#consumer,
      log,
      stuckAfterMs: options.stuckAfterMs ?? STUCK_AFTER_MS,
      isExcused: (topic, partition) => this.#isExcused(topic, partition),
    });
    options.health?.register(`consumer:${group}`, () => this.check());
  }

  /** Returns at once: the group is joined when its topics exist, however long that takes. */
  listen(callback: (error?: unknown) => void): void {
    for (const topic of Object.keys(this.options.topics)) {
      if (this.getHandlerByPattern(topic) === null) {
        throw new KafkaSetupError(`${this.options.group}: nobody handles ${topic}`);
      }
    }
    void this.#startWhenReady();
    callback();
  }

  async #startWhenReady(): Promise<void> {
    await this.options.kafka.topicsReady();
    this.#consumer.start();
    this.#watch.start();
  }

  async close(): Promise<void> {
    this.#watch.stop();
    await this.#consumer.close(this.options.drainMs ?? DRAIN_MS, () => this.#left());
  }

  on(): void {
    throw new KafkaSetupError('KafkaGroupServer has no events of its own');
  }

  // oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- the signature is Nest's
  unwrap<T>(): T {
    return this.#consumer as T;
  }

  /** Ready = a member of the group, all assigned shards loaded, nothing stuck. */
  check(): KafkaHealthCheck {
    if (this.#fatal !== null) return { status: 'down', detail: this.#fatal };
    if (!this.#consumer.isJoined) return { status: 'down', detail: 'not a member of the group yet' };
    if (this.#keeper !== null && !this.#keeper.isLoaded) {
      const { loadedCount } = this.#keeper;
      return { status: 'down', detail: `${loadedCount} of ${this.#keeper.held().length} shards are loaded` };
    }
    const stuck = this.#watch.stuck();
    return stuck.length === 0 ? { status: 'up' } : { status: 'down', detail: `no progress on ${stuck.join(', ')}` };
  }

  #joined(assigned: ReadonlyMap<string, readonly number[]>, isNewMember: boolean): void {
    if (this.#keeper !== null) return this.#keeper.joined(assigned);
    const places = new Set([...assigned].flatMap(([topic, ps]) => ps.map((p) => placeOf(topic, p))));
    for (const [place, abort] of this.#partitions) {
      if (places.has(place) && !isNewMember) {
        this.#goOn(place);
        continue;
      }
      abort.abort();
      this.#partitions.delete(place);
    }
    for (const place of places) {
      if (this.#partitions.has(place)) continue;
      const abort = new AbortController();
      this.#partitions.set(place, abort);
      this.#places?.begin(place, abort.signal);
    }
  }

  /** Kept over a rebalance: what is done but not committed yet need not come again. */
  #goOn(place: Place): void {
    const { topic, partition } = splitPlace(place);
    const position = this.#consumer.position(topic, partition);
    if (position !== undefined && !this.#consumer.isBusy(topic, partition)) {
      this.#consumer.seek(topic, partition, position);
    }
  }

  #left(): void {
    this.#keeper?.left();
    for (const abort of this.#partitions.values()) abort.abort();
    this.#partitions.clear();
  }

  #failForGood(error: Error): void {
    this.#fatal = `consumer of ${this.options.group} stopped: ${error.message}`;
    this.options.health?.setFatal(this.#fatal);
  }

  #ticket(topic: string, partition: number): Ticket | null {
    if (this.#keeper !== null) return this.#keeper.ticket(partition);
    const abort = this.#partitions.get(placeOf(topic, partition));
    return abort === undefined ? null : { epoch: null, signal: abort.signal };
  }

  #isExcused(topic: string, partition: number): boolean {
    return (
      this.#waiting.has(placeOf(topic, partition)) ||
      this.#places?.isWaiting(placeOf(topic, partition)) === true ||
      this.#ticket(topic, partition) === null ||
      (this.#keeper !== null && !this.#keeper.isLoaded)
    );
  }

  async #onBatch(batch: FetchedBatch): Promise<'done' | 'dropped'> {
    const { topic: name, partition } = batch;
    const ticket = this.#ticket(name, partition);
    if (ticket === null || batch.messages.length === 0) return 'dropped';
    const topic = this.options.kafka.bareName(name);
    const messages = batch.messages.map((message) => new ReceivedMessage(topic, partition, message));
    const outcome = await deliver(
      messages,
      this.#rules(topic, name, partition, ticket),
      ticket.signal,
      this.options.log,
      this.options.pace,
    );
    if (outcome === 'done' && ticket.signal.aborted) return 'dropped';
    if (outcome === 'done' && this.options.topics[topic]?.kind === 'queue') {
      const last = messages.at(-1) as ReceivedMessage;
      this.#consumer.commit(name, partition, last.offset + 1n);
    }
    return outcome;
  }

  #rules(topic: string, name: string, partition: number, ticket: Ticket): DeliveryRules {
    const { kafka, group } = this.options;
    const handler = this.getHandlerByPattern(topic) as MessageHandler;
    const inBatches = handler.extras?.['batch'] === true;
    const place = placeOf(name, partition);
    return {
      inBatches,
      handle: async (messages) => {
        await this.#call(handler, inBatches, topic, partition, messages, ticket);
        kafka.instruments.handled(group, topic, messages.length);
      },
      putAside: async (message, cause, tries) => {
        await kafka.producer('control').send(deadLetterOf(message, cause, tries, kafka.partitions));
        const [word] = cause.split(' ');
        kafka.instruments.deadLetter(topic, word as string);
        const { offset } = message;
        this.options.log.error(
          { topic, partition, offset: String(offset), cause, attempts: tries.attempts },
          'dead letter',
        );
      },
      judge: (error) => this.#judge(error, partition, ticket),
      waiting: (isWaiting) => {
        if (isWaiting) this.#waiting.add(place);
        else this.#waiting.delete(place);
      },
      retried: () => kafka.instruments.retried(group, topic),
    };
  }

  /** In a sharded group the first question after a failure is whether the shard is still ours. */
  async #judge(error: unknown, partition: number, ticket: Ticket): Promise<Verdict> {
    if (this.#keeper !== null && ticket.epoch !== null && (await this.#keeper.isFenced(partition, ticket.epoch))) {
      return { kind: 'lost' };
    }
    return judgeByRetryable(error);
  }

  async #call(
    handler: MessageHandler,
    inBatches: boolean,
    topic: string,
    partition: number,
    messages: readonly ReceivedMessage[],
    { epoch, signal }: Ticket,
  ): Promise<void> {
    const message = messages[0] as ReceivedMessage;
    const payload: ReceivedBatch<unknown> | ReceivedMessage = inBatches
      ? { topic, partition, messages, epoch, signal }
      : message;
    const context = new KafkaContext([{ topic, partition, epoch, signal, message }]);
    const answer: unknown = await handler(payload, context);
    await lastValueFrom(this.transformToObservable(answer), { defaultValue: undefined });
  }
}
