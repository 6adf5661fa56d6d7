import type { ContinuationNames } from '../calls/continuation.js';
import type { ExactCalls } from '../calls/exact-calls.js';
import { listSubscriptions, type SubscriptionAnswer } from './subscription-list.js';

/**
 * The subscription list for those who need one asked for after a given instant. However many ask at once, one request is
 * under way, and those that came too late for it share the next.
 */
export class FreshListing {
  private last: { readonly startedAt: number; readonly answer: SubscriptionAnswer } | null = null;
  private running: Promise<void> | null = null;

  constructor(
    private readonly calls: ExactCalls,
    private readonly names: ContinuationNames,
    private readonly timeoutMs: number,
    private readonly now: () => number = Date.now,
  ) {}

  async askedAfter(instant: number): Promise<SubscriptionAnswer> {
    for (;;) {
      if (this.last !== null && this.last.startedAt >= instant) return this.last.answer;
      this.running ??= this.ask().finally(() => {
        this.running = null;
      });
      await this.running;
    }
  }

  private async ask(): Promise<void> {
    const startedAt = this.now();
    // Shared, so no caller's own signal may end it.
    const { signal } = new AbortController();
    const call = { signal, timeoutMs: this.timeoutMs };
    const answer = await listSubscriptions(this.calls, this.names, call, this.now);
    this.last = { startedAt, answer };
  }
}
