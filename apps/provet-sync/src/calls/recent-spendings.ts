/** An instant (ms) and what was spent until then of what is counted there. */
export type Spending = readonly [at: number, weight: number];

/** What is spent within so much time is told as one, at the instant of its last. */
const TOGETHER_MS = 10_000;

/** What this process has spent of one limit lately, as the next owner has to know it: coarsely. */
export class RecentSpendings {
  private readonly spendings: { readonly from: number; at: number; weight: number }[] = [];

  constructor(private readonly windowMs: number) {}

  add(weight: number, now: number): void {
    const last = this.spendings.at(-1);
    if (last !== undefined && now - last.from < TOGETHER_MS) {
      last.at = now;
      last.weight += weight;
      return;
    }
    while (this.spendings[0] !== undefined && this.spendings[0].at < now - this.windowMs) this.spendings.shift();
    this.spendings.push({ from: now, at: now, weight });
  }

  /** What may still be in the window. */
  told(now: number): Spending[] {
    return this.spendings.filter(({ at }) => at >= now - this.windowMs).map(({ at, weight }) => [at, weight]);
  }
}
