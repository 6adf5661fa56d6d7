import type { Batch, EachBatchPayload, KafkaMessage } from 'kafkajs';
import { hasNothingFrom } from './end-probe.js';
import { GroupMembership, type MembershipEvents, type MembershipOptions } from './group-membership.js';
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

export interface GroupConsumerEvents extends Pick<MembershipEvents, 'onJoin' | 'onLeft' | 'onFatal' | 'onHeartbeat'> {
  /** Never rejects. `done`: go on after the batch; `dropped`: the same messages may come again. */
  onBatch(batch: FetchedBatch): Promise<'done' | 'dropped'>;
}

export interface GroupConsumerOptions extends Omit<MembershipOptions, 'events'> {
  readonly events: GroupConsumerEvents;
}

/** A handler that takes longer is left to itself: its partition is paused and the fetch loop goes on with heartbeats. */
const DETACH_AFTER_MS = 300;

/**
 * A member of a consumer group over kafkajs: reads batches, remembers positions, commits what is done, pauses by reason.
 * A slow handler never holds up other partitions or heartbeats. What the members share out, and what is done with a
 * batch, is decided by the events.
 */
export class GroupConsumer {
  readonly #membership: GroupMembership;
  readonly #committer: OffsetCommitter;
  readonly #pauses = new Map<Place, Set<PauseReason>>();
  readonly #positions = new Positions();
  readonly #busy = new Map<Place, Promise<'done' | 'dropped'>>();

  constructor(private readonly options: GroupConsumerOptions) {
    const { events, log } = options;
    this.#membership = new GroupMembership({
      ...options,
      events: {
        onBatch: (payload) => this.#eachBatch(payload),
        onSkipped: (topic, partition, next) => this.#positions.move(placeOf(topic, partition), next),
        onJoin: (assigned, isNewMember) => this.#joined(assigned, isNewMember),
        onLeft: () => events.onLeft(),
        onFatal: (error) => events.onFatal(error),
        onHeartbeat: () => events.onHeartbeat?.(),
      },
    });
    this.#committer = new OffsetCommitter(this.#membership.consumer, log);
  }

  get assigned(): ReadonlyMap<string, readonly number[]> {
    return this.#membership.assigned;
  }

  get isJoined(): boolean {
    return this.#membership.isJoined;
  }

  /** Connects and joins, trying until it works. Resolves at once. */
  start(): void {
    this.#membership.start();
  }

  /** Next offset to be handled; undefined before anything is known of the partition. */
  position(topic: string, partition: number): bigint | undefined {
    return this.#positions.get(placeOf(topic, partition));
  }

  pause(topic: string, partition: number, reason: PauseReason): void {
    const place = placeOf(topic, partition);
    const reasons = this.#pauses.get(place) ?? new Set();
    this.#pauses.set(place, reasons.add(reason));
    this.#membership.tell((consumer) => consumer.pause([{ topic, partitions: [partition] }]));
  }

  resume(topic: string, partition: number, reason: PauseReason): void {
    const place = placeOf(topic, partition);
    const reasons = this.#pauses.get(place);
    if (!reasons?.delete(reason) || reasons.size > 0) return;
    this.#pauses.delete(place);
    this.#membership.tell((consumer) => consumer.resume([{ topic, partitions: [partition] }]));
  }

  /** Where the partition is read from next. */
  seek(topic: string, partition: number, offset: bigint): void {
    this.#membership.tell((consumer) => consumer.seek({ topic, partition, offset: String(offset) }));
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
    const { cluster } = this.#membership;
    return cluster !== null && (await hasNothingFrom(cluster, topic, partition, offset));
  }

  /**
   * Takes no new batches, waits for running handlers (up to `drainMs`), commits, leaves the group. `onDrained` is called
   * before the wait for handlers that are still running: they are to be told to stop.
   */
  async close(drainMs: number, onDrained: () => void): Promise<void> {
    this.#membership.beginToLeave();
    for (const [topic, partitions] of this.#membership.assigned) {
      for (const partition of partitions) this.pause(topic, partition, 'closing');
    }
    await Promise.race([Promise.all(this.#busy.values()), pause(drainMs)]);
    onDrained();
    await Promise.race([Promise.all(this.#busy.values()), pause(1_000)]);
    await Promise.race([this.#committer.flush(), pause(2_000)]);
    await this.#membership.leave();
  }

  #joined(assigned: ReadonlyMap<string, readonly number[]>, isNewMember: boolean): void {
    const held = new Set([...assigned].flatMap(([topic, ps]) => ps.map((p) => placeOf(topic, p))));
    for (const place of this.#positions.places()) {
      const { topic, partition } = splitPlace(place);
      if (!held.has(place)) this.forget(topic, partition);
    }
    // A restarted consumer has forgotten what was paused.
    for (const [place] of this.#pauses) {
      const { topic, partition } = splitPlace(place);
      this.#membership.tell((consumer) => consumer.pause([{ topic, partitions: [partition] }]));
    }
    this.options.events.onJoin(assigned, isNewMember);
  }

  async #eachBatch(payload: EachBatchPayload): Promise<void> {
    const { batch } = payload;
    const { topic, partition } = batch;
    const place = placeOf(topic, partition);
    if (!payload.isRunning() || payload.isStale() || this.#membership.isLeaving) return;
    if (this.#pauses.has(place) || this.#busy.has(place)) return;
    const work = this.options.events.onBatch(fetched(batch));
    this.#busy.set(place, work);
    const next = BigInt(batch.lastOffset()) + 1n;
    if (await settledWithin(work, DETACH_AFTER_MS)) {
      this.#busy.delete(place);
      // A partition that was lost meanwhile has no offset to resolve: kafkajs would break on it.
      if ((await work) === 'dropped' || !this.#membership.holds(topic, partition)) return;
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
}

function fetched(batch: Batch): FetchedBatch {
  const { topic, partition, messages } = batch;
  return { topic, partition, messages, highWatermark: BigInt(batch.highWatermark) };
}
