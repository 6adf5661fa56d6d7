import type { Consumer } from 'kafkajs';
import { errorText } from '../errors.js';
import type { KafkaLog } from '../ports.js';
import { splitPlace, type Place } from './places.js';

const RETRY_MS = 500;

/** Commits what handlers have finished; while one commit runs, the next ones are gathered into one request. */
export class OffsetCommitter {
  /** Next offsets that are not committed yet. */
  readonly #due = new Map<Place, bigint>();
  /** Those of the request that is in flight. */
  #sent = new Map<Place, bigint>();
  #running: Promise<void> | null = null;

  constructor(
    private readonly consumer: Pick<Consumer, 'commitOffsets'>,
    private readonly log: KafkaLog,
  ) {}

  /** Notes that everything before `next` is done. */
  done(place: Place, next: bigint): void {
    this.#due.set(place, next);
    this.#begin();
  }

  /** The partition belongs to somebody else now: its offset is theirs to commit. */
  forget(place: Place): void {
    this.#due.delete(place);
    this.#sent.delete(place);
  }

  /** Commits everything that is done, with one more try of what has failed. False: it failed again. */
  async flush(): Promise<boolean> {
    // One commit may be followed by another, of what was done meanwhile.
    while (this.#running !== null) await this.#running;
    return this.#commit();
  }

  #begin(): void {
    if (this.#due.size > 0) this.#running ??= this.#run();
  }

  async #run(): Promise<void> {
    // The rest of this turn's partitions share the request.
    await Promise.resolve();
    const isDone = await this.#commit();
    this.#running = null;
    if (this.#due.size === 0) return;
    if (isDone) this.#running = this.#run();
    else setTimeout(() => this.#begin(), RETRY_MS).unref();
  }

  async #commit(): Promise<boolean> {
    if (this.#due.size === 0) return true;
    this.#sent = new Map(this.#due);
    this.#due.clear();
    try {
      await this.consumer.commitOffsets(
        [...this.#sent].map(([place, next]) => ({ ...splitPlace(place), offset: String(next) })),
      );
      return true;
    } catch (error) {
      // Rebalancing, or Kafka is away: what is not committed in the end is handled again.
      this.log.debug({ detail: errorText(error) }, 'offsets are not committed yet');
      for (const [place, next] of this.#sent) if (!this.#due.has(place)) this.#due.set(place, next);
      return false;
    }
  }
}
