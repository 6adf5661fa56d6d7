import type { Clock } from '@relay/service-kit';
import { DueHeap } from './due-heap.js';

/** What the clock wakes. */
export interface Wakeable {
  wake(): void;
}

const SLACK = 256;

/** One timer for all lanes of the process, however many there are. */
export class LaneClock {
  private heap = new DueHeap<Wakeable>();
  private readonly wanted = new Map<Wakeable, number>();
  private cancel: (() => void) | null = null;
  private timerAt = Infinity;

  constructor(private readonly clock: Clock) {}

  /** Wakes a lane at an instant, instead of when it was to be woken before. */
  schedule(lane: Wakeable, at: number | null): void {
    if (at === null) {
      this.wanted.delete(lane);
      return;
    }
    if (this.wanted.get(lane) === at) return;
    this.wanted.set(lane, at);
    this.heap.push(at, lane);
    // A busy lane leaves an item behind each time it is rescheduled, due in a day maybe.
    if (this.heap.size > 2 * this.wanted.size + SLACK) this.tidy();
    if (at < this.timerAt) this.arm();
  }

  close(): void {
    this.cancel?.();
    this.cancel = null;
    this.timerAt = Infinity;
    this.wanted.clear();
  }

  private tidy(): void {
    this.heap = new DueHeap();
    for (const [lane, at] of this.wanted) this.heap.push(at, lane);
  }

  private arm(): void {
    this.cancel?.();
    this.cancel = null;
    this.timerAt = this.heap.nextAt ?? Infinity;
    if (this.timerAt === Infinity) return;
    // Timers cannot be longer than 24.8 days; waking early does no harm.
    const delay = Math.min(Math.max(0, this.timerAt - this.clock.now()), 86_400_000);
    this.cancel = this.clock.after(delay, () => this.fire());
  }

  private fire(): void {
    const now = this.clock.now();
    for (;;) {
      const at = this.heap.nextAt;
      const lane = this.heap.popDue(now);
      if (lane === null) break;
      // Skips what has been rescheduled since.
      if (this.wanted.get(lane) !== at) continue;
      this.wanted.delete(lane);
      lane.wake();
    }
    this.arm();
  }
}
