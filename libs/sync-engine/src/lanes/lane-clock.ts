import { DueHeap } from './due-heap.js';

/** What the clock wakes. */
export interface Wakeable {
  wake(): void;
}

const SLACK = 256;

/** One timer for all lanes of the process, however many there are. */
export class LaneClock {
  private heap = new DueHeap<{ lane: Wakeable; at: number }>();
  private readonly wanted = new Map<Wakeable, number>();
  private timer: NodeJS.Timeout | null = null;
  private timerAt = Infinity;

  /** Wakes a lane at an instant, instead of when it was to be woken before. */
  schedule(lane: Wakeable, at: number | null): void {
    if (at === null) {
      this.wanted.delete(lane);
      return;
    }
    if (this.wanted.get(lane) === at) return;
    this.wanted.set(lane, at);
    this.heap.push(at, { lane, at });
    // A busy lane leaves an item behind each time it is rescheduled, due in a day maybe.
    if (this.heap.size > 2 * this.wanted.size + SLACK) this.tidy();
    if (at < this.timerAt) this.arm();
  }

  close(): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
    this.timerAt = Infinity;
    this.wanted.clear();
  }

  private tidy(): void {
    this.heap = new DueHeap();
    for (const [lane, at] of this.wanted) this.heap.push(at, { lane, at });
  }

  private arm(): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
    this.timerAt = this.heap.nextAt ?? Infinity;
    if (this.timerAt === Infinity) return;
    // Timers cannot be longer than 24.8 days; waking early does no harm.
    const delay = Math.min(Math.max(0, this.timerAt - Date.now()), 86_400_000);
    this.timer = setTimeout(() => this.fire(), delay);
  }

  private fire(): void {
    const now = Date.now();
    for (let item = this.heap.popDue(now); item !== null; item = this.heap.popDue(now)) {
      // Skips what has been rescheduled since.
      if (this.wanted.get(item.lane) !== item.at) continue;
      this.wanted.delete(item.lane);
      item.lane.wake();
    }
    this.arm();
  }
}
