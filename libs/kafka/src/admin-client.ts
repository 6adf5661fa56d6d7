import type { Admin } from 'kafkajs';
import { errorText } from './errors.js';

/** First and next offset of a partition. */
export interface OffsetRange {
  readonly low: bigint;
  readonly high: bigint;
}

/**
 * The administration connection, made when first needed. Every call is tried again: right after a topic was created, or
 * a broker was paused, Kafka answers NOT_LEADER for a moment, which kafkajs hands through.
 */
export class AdminClient {
  #connecting: Promise<void> | null = null;
  #closed = false;
  /** Per topic: the request in flight, and the one after it, which all who ask meanwhile share. */
  readonly #ranges = new Map<string, { running: Promise<unknown>; next: Promise<Map<number, OffsetRange>> | null }>();

  constructor(
    private readonly admin: Admin,
    private readonly prefix: string,
  ) {}

  /** Runs a call with up to `tries` attempts, 100 ms … 1 s apart. */
  async run<T>(call: (admin: Admin) => Promise<T>, tries = 5): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        await this.#connect();
        return await call(this.admin);
      } catch (error) {
        if (attempt >= tries || this.#closed || isFinal(error)) throw error;
        await new Promise((resolve) => setTimeout(resolve, Math.min(1_000, 50 * 2 ** attempt)));
      }
    }
  }

  /** Offsets asked for after this call: callers meanwhile share one request that starts when the running one has ended. */
  offsetRanges(topic: string): Promise<Map<number, OffsetRange>> {
    const state = this.#ranges.get(topic);
    if (state === undefined) return this.#askRanges(topic);
    state.next ??= state.running.then(
      () => this.#askRanges(topic),
      () => this.#askRanges(topic),
    );
    return state.next;
  }

  #askRanges(topic: string): Promise<Map<number, OffsetRange>> {
    const asked = this.run((admin) => admin.fetchTopicOffsets(this.prefix + topic)).then(
      (partitions) =>
        new Map(partitions.map((p) => [p.partition, { low: BigInt(p.low), high: BigInt(p.high) }] as const)),
    );
    const state = { running: asked as Promise<unknown>, next: null };
    this.#ranges.set(topic, state);
    const forget = () => {
      if (this.#ranges.get(topic) === state && state.next === null) this.#ranges.delete(topic);
    };
    asked.then(forget, forget);
    return asked;
  }

  async close(): Promise<void> {
    this.#closed = true;
    if (this.#connecting !== null) await this.admin.disconnect();
  }

  #connect(): Promise<void> {
    this.#connecting ??= this.admin.connect().catch((error: unknown) => {
      this.#connecting = null;
      throw error;
    });
    return this.#connecting;
  }
}

function isFinal(error: unknown): boolean {
  const { code } = error as { code?: unknown };
  return code === 'topic-drift' || code === 'topic-missing' || /authorization/i.test(errorText(error));
}
