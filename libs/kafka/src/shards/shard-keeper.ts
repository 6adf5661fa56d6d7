import type { OffsetRange } from '../admin-client.js';
import type { GroupConsumer } from '../consumer/group-consumer.js';
import { within } from '../consumer/start-places.js';
import { reachEnd } from '../consumer/table-end.js';
import { errorText } from '../errors.js';
import type { KafkaLog } from '../ports.js';
import type { ShardOwner } from './shard-owner.js';

export interface ShardKeeperOptions {
  readonly consumer: GroupConsumer;
  readonly owner: ShardOwner;
  /** Prefixed names. */
  readonly tables: readonly string[];
  readonly queues: readonly string[];
  readonly offsetRanges: (topic: string) => Promise<Map<number, OffsetRange>>;
  /** Where a queue goes on by the owner's books; null: where the group has come. */
  readonly goesOnAt: (shard: number, topic: string) => Promise<bigint | null>;
  readonly log: KafkaLog;
}

/** A shard that is assigned to this process. A new object each time it is taken. */
interface HeldShard {
  readonly shard: number;
  /** null until it is taken. */
  epoch: number | null;
  isLoaded: boolean;
  readonly abort: AbortController;
}

const RETRY_MIN_MS = 200;
const RETRY_MAX_MS = 5_000;
/** A heartbeat that was under way when the doubt arose proves nothing; the second one was sent after it. */
const HEARTBEATS_AS_PROOF = 2;

/**
 * Takes shards, loads their tables before their queues, and lets go. The rule of the house: at every join the epoch held
 * is compared with the one in force, because a process that was paused while another owned its shards is told that it
 * gained nothing.
 */
export class ShardKeeper {
  readonly #held = new Map<number, HeldShard>();
  /** Shards whose fence failed outside a join: taken again once heartbeats prove that the group still counts on us. */
  readonly #doubted = new Map<number, number>();
  /** Ends with the next join, or with leaving: what was started before gives up. */
  #round = new AbortController();

  constructor(private readonly options: ShardKeeperOptions) {}

  /** What this process tells the group that it holds. */
  held(): number[] {
    return [...this.#held.keys()];
  }

  get isLoaded(): boolean {
    return [...this.#held.values()].every((shard) => shard.isLoaded);
  }

  get loadedCount(): number {
    return [...this.#held.values()].filter((shard) => shard.isLoaded).length;
  }

  /** Epoch and signal for a batch of the shard; null while nobody may work on it. */
  ticket(shard: number): { epoch: number; signal: AbortSignal } | null {
    const held = this.#held.get(shard);
    if (held === undefined || held.epoch === null || held.abort.signal.aborted) return null;
    return { epoch: held.epoch, signal: held.abort.signal };
  }

  /** Synchronous, before the first fetch: pauses everything until each shard is known to be ours. */
  joined(assigned: ReadonlyMap<string, readonly number[]>): void {
    const round = this.#nextRound();
    const shards = new Set([...assigned.values()].flat());
    for (const shard of this.#held.keys()) if (!shards.has(shard)) this.#lose(shard);
    for (const shard of shards) {
      this.#pause(shard);
      const held = this.#held.get(shard);
      if (held === undefined) void this.#take(shard, round);
      else void this.#keep(held, round);
    }
  }

  /** Nothing is assigned any more: a crash, or the end. */
  left(): void {
    this.#nextRound();
    for (const shard of this.#held.keys()) this.#lose(shard);
  }

  heartbeat(): void {
    for (const [shard, seen] of this.#doubted) {
      this.#doubted.set(shard, seen + 1);
      if (seen + 1 < HEARTBEATS_AS_PROOF) continue;
      this.#doubted.delete(shard);
      void this.#retake(shard);
    }
  }

  /** Asked when a handler failed: true when the reason is that the shard has another owner. The work is to be dropped. */
  async isFenced(shard: number, epoch: number): Promise<boolean> {
    const held = this.#held.get(shard);
    if (held?.epoch !== epoch) return true;
    // The database being away is no proof of another owner.
    if (await this.options.owner.isCurrent(shard, epoch).catch(() => true)) return false;
    if (this.#held.get(shard) === held) {
      this.options.log.warn({ shard, epoch }, 'the shard has been taken by another process');
      this.#pause(shard);
      held.isLoaded = false;
      held.abort.abort();
      this.#doubted.set(shard, 0);
    }
    return true;
  }

  /** A join after which the shard is still assigned. */
  async #keep(held: HeldShard, round: AbortSignal): Promise<void> {
    const { shard, epoch } = held;
    if (epoch === null) return this.#retakeIn(shard, round);
    const isCurrent = await this.#untilAnswered(shard, round, () => this.options.owner.isCurrent(shard, epoch));
    if (isCurrent === undefined) return;
    if (!isCurrent || held.abort.signal.aborted) return this.#retakeIn(shard, round);
    for (const topic of [...this.options.tables, ...this.options.queues]) {
      const position = this.options.consumer.position(topic, shard);
      // The new generation starts from the committed offsets; ours are newer, and tables are never committed.
      if (position !== undefined && !this.options.consumer.isBusy(topic, shard)) {
        this.options.consumer.seek(topic, shard, position);
      }
    }
    this.#resume(this.options.tables, shard);
    if (held.isLoaded) this.#resume(this.options.queues, shard);
    else await this.#load(held, epoch, round);
  }

  async #retake(shard: number): Promise<void> {
    if (this.#held.has(shard)) await this.#retakeIn(shard, this.#round.signal);
  }

  async #retakeIn(shard: number, round: AbortSignal): Promise<void> {
    this.#lose(shard);
    await this.#take(shard, round);
  }

  async #take(shard: number, round: AbortSignal): Promise<void> {
    const { owner, consumer, tables, log } = this.options;
    const held: HeldShard = { shard, epoch: null, isLoaded: false, abort: new AbortController() };
    this.#held.set(shard, held);
    this.#pause(shard);
    // A handler of the time before may still be running: its end must not move the position that is set now.
    await Promise.all([...tables, ...this.options.queues].map((topic) => consumer.idle(topic, shard)));
    const epoch = await this.#untilAnswered(shard, round, () => owner.take(shard));
    if (epoch === undefined || this.#held.get(shard) !== held) return;
    held.epoch = epoch;
    log.info({ shard, epoch }, 'shard taken');
    await this.#load(held, epoch, round, true);
  }

  /** Reads the tables to an end that is asked for now, then lets the queues run. */
  async #load(held: HeldShard, epoch: number, round: AbortSignal, fromBeginning = false): Promise<void> {
    const { shard, abort } = held;
    const { owner, consumer, tables, queues } = this.options;
    const ends = await this.#untilAnswered(shard, round, () => this.#ranges(shard));
    if (ends === undefined) return;
    for (const [topic, { low }] of ends) {
      if (fromBeginning || consumer.position(topic, shard) === undefined) consumer.seek(topic, shard, low);
    }
    this.#resume(tables, shard);
    const current = AbortSignal.any([abort.signal, round]);
    await Promise.all([...ends].map(([topic, { high }]) => reachEnd(consumer, topic, shard, high, current)));
    if (current.aborted || !(await this.#placeQueues(shard, round))) return;
    const told = await this.#untilAnswered(shard, round, () => owner.loaded(shard, epoch).then(() => true));
    if (told === undefined || abort.signal.aborted) return;
    held.isLoaded = true;
    this.#resume(queues, shard);
  }

  /** Queues whose place is not known yet go on where the owner's books say. False: another join has come in between. */
  async #placeQueues(shard: number, round: AbortSignal): Promise<boolean> {
    const { consumer, queues } = this.options;
    for (const topic of queues) {
      if (consumer.position(topic, shard) !== undefined) continue;
      const isPlaced = await this.#untilAnswered(shard, round, () => this.#placeQueue(topic, shard));
      if (isPlaced === undefined) return false;
    }
    return true;
  }

  async #placeQueue(topic: string, shard: number): Promise<true> {
    const { consumer, goesOnAt, offsetRanges } = this.options;
    const place = await goesOnAt(shard, topic);
    if (place === null) return true;
    const next = within(place, (await offsetRanges(topic)).get(shard));
    if (!(await consumer.goesOnAt(topic, shard, next))) throw new Error(`the place in ${topic} could not be committed`);
    return true;
  }

  async #ranges(shard: number): Promise<[string, OffsetRange][]> {
    return Promise.all(
      this.options.tables.map(async (topic): Promise<[string, OffsetRange]> => {
        const range = (await this.options.offsetRanges(topic)).get(shard);
        if (range === undefined) throw new Error(`${topic} has no partition ${shard}`);
        return [topic, range];
      }),
    );
  }

  #lose(shard: number): void {
    const held = this.#held.get(shard);
    if (held === undefined) return;
    this.#held.delete(shard);
    held.abort.abort();
    for (const topic of [...this.options.tables, ...this.options.queues]) this.options.consumer.forget(topic, shard);
    if (held.epoch !== null) this.options.owner.lost(shard);
  }

  #pause(shard: number): void {
    for (const topic of [...this.options.tables, ...this.options.queues]) {
      this.options.consumer.pause(topic, shard, 'shard');
    }
  }

  #resume(topics: readonly string[], shard: number): void {
    for (const topic of topics) this.options.consumer.resume(topic, shard, 'shard');
  }

  #nextRound(): AbortSignal {
    this.#doubted.clear();
    this.#round.abort();
    this.#round = new AbortController();
    return this.#round.signal;
  }

  /** Asks until there is an answer; undefined when another join has come in between. */
  async #untilAnswered<T>(shard: number, round: AbortSignal, ask: () => Promise<T>): Promise<T | undefined> {
    for (let failures = 1; ; failures++) {
      if (round.aborted) return undefined;
      try {
        const answer = await ask();
        return round.aborted ? undefined : answer;
      } catch (error) {
        if (failures === 1)
          this.options.log.warn({ shard, detail: errorText(error) }, 'a shard waits for its database or topics');
        await new Promise((resolve) => setTimeout(resolve, Math.min(RETRY_MAX_MS, RETRY_MIN_MS * 2 ** (failures - 1))));
      }
    }
  }
}
