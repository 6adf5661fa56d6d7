/** A process's time with a tenant, from the hand-over on. */
export interface Tenure {
  /** The hand-over itself is kept durably: nothing is spent before. */
  isKept: boolean;
}

/**
 * What a process has spent of one limit in its time with a tenant, and how much of it is kept durably. Only so much may be
 * spent beyond that: whoever takes over counts it as spent, whether it was or not.
 */
export class SpendingAccount {
  private total = 0;
  private kept = 0;

  /** `mostUnkept` in the unit of the limit: requests. */
  constructor(
    readonly tenure: Tenure,
    private readonly mostUnkept: number,
  ) {}

  /** What was spent until now: names how far `keptUpTo` goes. */
  get spent(): number {
    return this.total;
  }

  /** Half of what may be spent beyond what is kept is spent. */
  get isWorthKeeping(): boolean {
    return this.total - this.kept >= this.mostUnkept / 2;
  }

  hasRoomFor(weight: number): boolean {
    return this.tenure.isKept && this.total - this.kept + weight <= this.mostUnkept;
  }

  spend(weight: number): void {
    this.total += weight;
  }

  /** What was spent was not used. What is kept stays kept. */
  giveBack(weight: number): void {
    this.total = Math.max(this.kept, this.total - weight);
  }

  keptUpTo(spent: number): void {
    this.kept = Math.max(this.kept, spent);
  }
}
