import type { Outgoing, Position } from '../messages.js';
import type { KafkaSendError } from '../errors.js';

/** One message on its way: waiting, or in the request that is in flight. */
export interface Waiting {
  readonly message: Outgoing;
  readonly partition: number;
  readonly bytes: number;
  /** Topic and key: what one send in flight is counted by. */
  readonly identity: string;
  /** False once its caller has had an answer (deadline): it is not sent again. */
  wanted: boolean;
  settle(result: Position | KafkaSendError): void;
}

export interface QueueLimits {
  readonly messages: number;
  readonly bytes: number;
  /** Per partition and request: a record batch must stay below the broker's message.max.bytes (1 MiB by default). */
  readonly batchBytes: number;
  /** Per request over all partitions. */
  readonly requestBytes: number;
}

export const QUEUE_LIMITS: QueueLimits = {
  // More waiting than this is an outage, not a burst; the caller shall know now, not after its deadline.
  messages: 50_000,
  bytes: 64 * 1024 * 1024,
  batchBytes: 960_000,
  requestBytes: 8 * 1024 * 1024,
};

/** The messages that wait, in order, and the choice of those that go into the next request. */
export class SendQueue {
  #waiting: Waiting[] = [];
  #bytes = 0;

  constructor(
    private readonly limits: QueueLimits,
    private readonly onePerIdentity: boolean,
  ) {}

  get size(): number {
    return this.#waiting.length;
  }

  /** False when the queue is full. */
  add(item: Waiting): boolean {
    const { messages, bytes } = this.limits;
    if (this.#waiting.length >= messages || this.#bytes + item.bytes > bytes) return false;
    this.#waiting.push(item);
    this.#bytes += item.bytes;
    return true;
  }

  /**
   * Takes what fits into one request, in order per partition. What does not fit, or has the identity of one already
   * taken where only one may be in flight, stays; nothing of the same partition passes a message that is too large to join.
   */
  take(): Waiting[] {
    const taken: Waiting[] = [];
    const left: Waiting[] = [];
    const identities = new Set<string>();
    const perPartition = new Map<string, number>();
    let total = 0;
    for (const item of this.#waiting) {
      if (!item.wanted) {
        this.#bytes -= item.bytes;
        continue;
      }
      const place = `${item.message.topic}/${item.partition}`;
      const used = perPartition.get(place) ?? 0;
      const isTwin = this.onePerIdentity && identities.has(item.identity);
      const fits = used === 0 || used + item.bytes <= this.limits.batchBytes;
      if (isTwin || !fits || (total > 0 && total + item.bytes > this.limits.requestBytes)) {
        left.push(item);
        // Later messages of the partition must not pass one that was left for its size.
        if (!isTwin) perPartition.set(place, Number.MAX_SAFE_INTEGER);
        continue;
      }
      identities.add(item.identity);
      perPartition.set(place, used + item.bytes);
      total += item.bytes;
      this.#bytes -= item.bytes;
      taken.push(item);
    }
    this.#waiting = left;
    return taken;
  }

  /** Empties the queue: at close, everything left is refused. */
  drain(): Waiting[] {
    const all = this.#waiting;
    this.#waiting = [];
    this.#bytes = 0;
    return all;
  }
}
