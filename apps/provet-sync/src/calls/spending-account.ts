/** An instant (ms) and what was spent until then of what is counted there. */
export type Spending = readonly [at: number, weight: number];

/** What is spent within so much time is told as one, at the instant of its last. */
const TOGETHER_MS = 10_000;

/**
 * What this process has spent of one limit, as the next owner has to know it: coarsely, and how much of it is kept durably.
 * Only so much may be spent beyond that: whoever takes over counts it as spent, whether it was or not.
 */
export class SpendingAccount {
  private readonly spendings: { readonly from: number; at: number; weight: number }[] = [];
  private total = 0;
  private kept = 0;

  constructor(
    private readonly windowMs: number,
    private readonly mostUnkept: number,
  ) {}

  /** What was ever spent: names how far `keptUpTo` goes. */
  get spent(): number {
    return this.total;
  }

  /** Half of what may be spent beyond what is kept is spent. */
  get isWorthKeeping(): boolean {
    return this.total - this.kept >= this.mostUnkept / 2;
  }

  hasRoomFor(weight: number): boolean {
    return this.total - this.kept + weight <= this.mostUnkept;
  }

  spend(weight: number, now: number): void {
    this.total += weight;
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

  keptUpTo(spent: number): void {
    this.kept = Math.max(this.kept, spent);
  }
}
