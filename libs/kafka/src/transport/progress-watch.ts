import type { GroupConsumer } from '../consumer/group-consumer.js';
import { placeOf, type Place } from '../consumer/places.js';
import { errorText } from '../errors.js';
import type { KafkaLog } from '../ports.js';
import type { RelayKafka } from '../relay-kafka.js';

export interface ProgressWatchOptions {
  readonly kafka: RelayKafka;
  readonly group: string;
  /** Without the prefix. */
  readonly topics: readonly string[];
  readonly consumer: GroupConsumer;
  readonly log: KafkaLog;
  readonly stuckAfterMs: number;
  /** True while a partition rests for a declared reason: back-off, a shard that is not loaded. Prefixed topic. */
  isExcused(topic: string, partition: number): boolean;
}

interface Seen {
  readonly position: bigint;
  readonly since: number;
}

/**
 * Watches progress, not heartbeats: a partition with messages waiting whose position has not moved for a while, outside
 * declared back-off, is stuck, however healthy the connection looks. Also feeds the lag metric.
 */
export class ProgressWatch {
  readonly #seen = new Map<Place, Seen>();
  readonly #stuck = new Set<Place>();
  #timer: NodeJS.Timeout | null = null;
  #looking = false;

  constructor(private readonly options: ProgressWatchOptions) {}

  start(): void {
    const everyMs = Math.max(1_000, Math.min(15_000, this.options.stuckAfterMs / 4));
    this.#timer = setInterval(() => void this.look(), everyMs);
    this.#timer.unref();
  }

  stop(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
  }

  stuck(): string[] {
    return [...this.#stuck];
  }

  /** One look at all assigned partitions; never throws. */
  async look(now = Date.now()): Promise<void> {
    if (this.#looking || !this.options.consumer.isJoined) return;
    this.#looking = true;
    try {
      const assigned = new Set<Place>();
      for (const topic of this.options.topics) await this.#lookAt(topic, now, assigned);
      for (const place of this.#seen.keys()) if (!assigned.has(place)) this.#forget(place);
      this.options.kafka.instruments.stuck(this.options.group, this.#stuck.size);
    } catch (error) {
      this.options.log.debug({ group: this.options.group, detail: errorText(error) }, 'lag cannot be measured now');
    } finally {
      this.#looking = false;
    }
  }

  async #lookAt(topic: string, now: number, assigned: Set<Place>): Promise<void> {
    const { kafka, consumer, group } = this.options;
    const name = kafka.name(topic);
    const partitions = consumer.assigned.get(name) ?? [];
    if (partitions.length === 0) return kafka.instruments.lag(group, topic, 0);
    const ends = await kafka.endOffsets(topic);
    const committed = partitions.some((p) => consumer.position(name, p) === undefined)
      ? await kafka.committedOffsets(group, topic)
      : new Map<number, bigint>();
    let total = 0n;
    for (const partition of partitions) {
      const place = placeOf(name, partition);
      assigned.add(place);
      const position = consumer.position(name, partition) ?? committed.get(partition) ?? 0n;
      const lag = (ends.get(partition) ?? 0n) - position;
      if (lag > 0n) total += lag;
      await this.#judge(name, partition, position, lag, now);
    }
    kafka.instruments.lag(group, topic, Number(total));
  }

  async #judge(topic: string, partition: number, position: bigint, lag: bigint, now: number): Promise<void> {
    const place = placeOf(topic, partition);
    const before = this.#seen.get(place);
    const hasMoved = before === undefined || before.position !== position;
    if (hasMoved || lag <= 0n || this.options.isExcused(topic, partition)) {
      this.#seen.set(place, { position, since: now });
      if (this.#stuck.delete(place))
        this.options.log.info({ group: this.options.group, place }, 'the partition moves again');
      return;
    }
    if (now - before.since < this.options.stuckAfterMs || this.#stuck.has(place)) return;
    // Compaction may have taken all that lies between: then there is nothing to do.
    if (await this.options.consumer.nothingFrom(topic, partition, position).catch(() => false)) return;
    this.#stuck.add(place);
    const fields = { group: this.options.group, place, position: String(position), waiting: String(lag) };
    this.options.log.error(fields, 'messages wait and nothing moves');
  }

  #forget(place: Place): void {
    this.#seen.delete(place);
    this.#stuck.delete(place);
  }
}
