import { HOUR, MINUTE } from './practice-life.js';

/** Steps of what is measured as freshness, ms. */
const STEP = 5_000;

/** What is counted of a run while it goes, without keeping its millions of calls. */
export class YearTally {
  calls = 0;
  /** Calls that found a practice away: how much is spent on the sleeping. */
  unanswered = 0;
  mostInASecond = 0;
  mostOfAPractice = 0;
  practiceHours = 0;
  private readonly gaps: number[] = [];
  private second = 0;
  private inSecond = 0;
  private readonly hours: Int32Array;
  private readonly counts: Int32Array;

  constructor(
    practices: number,
    private readonly from: number,
  ) {
    this.hours = new Int32Array(practices).fill(-1);
    this.counts = new Int32Array(practices);
  }

  called(practice: number, now: number, answered: boolean): void {
    this.calls += 1;
    if (!answered) this.unanswered += 1;
    const second = Math.floor(now / 1_000);
    this.inSecond = second === this.second ? this.inSecond + 1 : 1;
    this.second = second;
    if (this.inSecond > this.mostInASecond) this.mostInASecond = this.inSecond;
    const hour = Math.floor((now - this.from) / HOUR);
    if (this.hours[practice] !== hour) {
      this.hours[practice] = hour;
      this.counts[practice] = 0;
      this.practiceHours += 1;
    }
    const count = (this.counts[practice] as number) + 1;
    this.counts[practice] = count;
    if (count > this.mostOfAPractice) this.mostOfAPractice = count;
  }

  /** Near appointments were read after so long: a change in that time had waited for anything up to it. */
  nearRead(gapMs: number): void {
    const step = Math.floor(gapMs / STEP);
    this.gaps[step] = (this.gaps[step] ?? 0) + 1;
  }

  /** How long a change of a near appointment waited, while its practice was there: of so many in a hundred no longer, s. */
  freshness(percent: number): number {
    // A gap of k steps holds k steps of changes that wait for 0 to k: as many in each step up to it.
    const waiting: number[] = [];
    let above = 0;
    for (let step = this.gaps.length - 1; step >= 0; step -= 1) waiting[step] = above += this.gaps[step] ?? 0;
    const all = waiting.reduce((sum, one) => sum + one, 0);
    let sum = 0;
    for (const [step, one] of waiting.entries())
      if ((sum += one) >= (all * percent) / 100) return ((step + 1) * STEP) / 1_000;
    return 0;
  }
}

/** Of a practice that answers, what a relay would ask in a minute, an hour, six hours. */
export const NEAR_EVERY = MINUTE;
export const FAR_EVERY = HOUR;
export const FAR_PAGES = 4;
export const SWEEP_EVERY = 6 * HOUR;
export const SWEEP_PAGES = 10;
