import type { OffsetRange } from '../admin-client.js';
import { errorText } from '../errors.js';
import type { KafkaLog } from '../ports.js';
import type { GroupConsumer } from './group-consumer.js';
import { splitPlace, type Place } from './places.js';
import { pause } from './waits.js';

export interface StartPlacesOptions {
  readonly consumer: Pick<GroupConsumer, 'pause' | 'resume' | 'seek' | 'idle'>;
  /** Where a topic's partitions go on; null: where the group has come. A partition that is not named begins at 0. */
  readonly goesOnAt: (topic: string) => Promise<ReadonlyMap<number, bigint> | null>;
  readonly offsetRanges: (topic: string) => Promise<Map<number, OffsetRange>>;
  readonly log: KafkaLog;
}

const RETRY_MIN_MS = 200;
const RETRY_MAX_MS = 5_000;

/**
 * Has partitions that come to this process go on where the service's own books say, and reads none of them before that is
 * known. Books that are committed with what the messages have changed go back with their database when it is restored.
 */
export class StartPlaces {
  readonly #waiting = new Set<Place>();

  constructor(private readonly options: StartPlacesOptions) {}

  /** A partition whose place is not known yet is not read. */
  isWaiting(place: Place): boolean {
    return this.#waiting.has(place);
  }

  /** Synchronous up to the pause: before the first fetch. `signal`: the partition is no longer ours. */
  begin(place: Place, signal: AbortSignal): void {
    const { topic, partition } = splitPlace(place);
    this.options.consumer.pause(topic, partition, 'place');
    this.#waiting.add(place);
    void this.#begin(place, signal);
  }

  async #begin(place: Place, signal: AbortSignal): Promise<void> {
    const { consumer, log } = this.options;
    const { topic, partition } = splitPlace(place);
    for (let failures = 1; !signal.aborted; failures++) {
      try {
        // A handler of the time before may still be running: its end must not move the position that is set now.
        await consumer.idle(topic, partition);
        const next = await this.#placeOf(topic, partition);
        if (signal.aborted) return;
        if (next !== null) consumer.seek(topic, partition, next);
        this.#waiting.delete(place);
        consumer.resume(topic, partition, 'place');
        return;
      } catch (error) {
        if (failures === 1) log.warn({ topic, partition, detail: errorText(error) }, 'a partition waits for its place');
        await pause(Math.min(RETRY_MAX_MS, RETRY_MIN_MS * 2 ** (failures - 1)));
      }
    }
  }

  async #placeOf(topic: string, partition: number): Promise<bigint | null> {
    const places = await this.options.goesOnAt(topic);
    if (places === null) return null;
    const ranges = await this.options.offsetRanges(topic);
    return within(places.get(partition) ?? 0n, ranges.get(partition));
  }
}

/** The place itself, or the nearest that the log has: retention and a new topic leave books behind. */
export function within(place: bigint, range: OffsetRange | undefined): bigint {
  if (range === undefined) return place;
  if (place < range.low) return range.low;
  return place > range.high ? range.high : place;
}
