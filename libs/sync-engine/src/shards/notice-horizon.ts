/** An end of the shard's notice partition, and when it was asked for. */
interface Ask {
  readonly at: number;
  readonly end: bigint;
}

/** Ends are asked for at most this often: whoever waits for one looks again about as often. */
const LEAST_PAUSE_MS = 400;

/**
 * How far notices are known: the latest instant at which an end of the shard's notice partition was asked for that has
 * been consumed since. Whatever was announced before that instant has been seen.
 */
export class NoticeHorizon {
  private asks: Ask[] = [];
  private asking = false;
  private lastAskAt = 0;
  private known: number | null = null;
  private next: bigint;

  constructor(
    position: bigint,
    private readonly endOf: () => Promise<bigint | null>,
    /** Where the group goes on: ahead of the position that is stored here when the store was restored from a backup. */
    private readonly positionOf: () => Promise<bigint>,
    private readonly now: () => number = Date.now,
  ) {
    this.next = position;
  }

  get consumedAsOf(): number | null {
    return this.known;
  }

  /** The handler has committed everything below this offset. */
  consumed(nextOffset: bigint): void {
    if (nextOffset > this.next) this.next = nextOffset;
    this.settle();
  }

  /** Sees to it that an end is asked for after an instant. */
  ask(after: number): void {
    const now = this.now();
    if (this.asking || now <= after || now - this.lastAskAt < LEAST_PAUSE_MS) return;
    if ((this.known ?? 0) > after) return;
    // One that was asked for late enough and only waits to be consumed is as good as a new one.
    if (this.asks.some((ask) => ask.at > after)) return;
    this.asking = true;
    this.lastAskAt = now;
    void this.askNow(now);
  }

  private async askNow(at: number): Promise<void> {
    try {
      const end = await this.endOf();
      if (end === null) return;
      if (end > this.next) this.next = max(this.next, await this.positionOf());
      this.asks.push({ at, end });
      this.settle();
    } catch {
      // Kafka is away: whoever waits asks again.
    } finally {
      this.asking = false;
    }
  }

  private settle(): void {
    for (const { at, end } of this.asks) if (end <= this.next && at > (this.known ?? 0)) this.known = at;
    this.asks = this.asks.filter(({ end }) => end > this.next);
  }
}

const max = (a: bigint, b: bigint): bigint => (a > b ? a : b);
