import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { WindowBudget, type Taken } from './window-budget.js';

const WINDOW = 60_000;
const options = { limit: 60, windowMs: WINDOW };

interface Took {
  readonly at: number;
  readonly weight: number;
}
/** Independent of the budget's own bookkeeping: the largest sum in any closed window of that length. */
function largestWindow(took: readonly Took[], windowMs: number): number {
  let largest = 0;
  for (const { at: start } of took) {
    const sum = took
      .filter(({ at }) => at >= start && at <= start + windowMs)
      .reduce((total, { weight }) => total + weight, 0);
    largest = Math.max(largest, sum);
  }
  return largest;
}

const waitOf = (taken: Taken) => (taken.ok ? 0 : taken.waitMs);

const asks = fc.array(
  fc.record({
    pause: fc.nat(4000),
    weight: fc.integer({ min: 1, max: 20 }),
    leave: fc.constantFrom(0, 12),
  }),
  { minLength: 20, maxLength: 200 },
);

describe('WindowBudget', () => {
  it('never goes above the limit in any window, whatever is asked and corrected when', () => {
    fc.assert(
      fc.property(
        asks,
        fc.integer({ min: 20, max: 100 }),
        fc.array(fc.tuple(fc.integer({ min: -WINDOW, max: 2 * WINDOW }), fc.nat(5)), { maxLength: 4 }),
        fc.option(fc.nat(100)),
        (list, limit, elsewhere, correctAt) => {
          const budget = new WindowBudget({ limit, windowMs: WINDOW });
          const took: Took[] = [];
          let now = 1_000_000;
          for (const [after, weight] of elsewhere) {
            budget.spentElsewhere(weight, now + after);
            took.push({ at: now + after, weight });
          }
          for (const [index, { pause, weight, leave }] of list.entries()) {
            now += pause;
            if (index === correctAt) budget.correct(3000, now);
            if (budget.take(weight, now, leave).ok) took.push({ at: now, weight });
          }
          expect(largestWindow(took, WINDOW)).toBeLessThanOrEqual(limit);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('says exactly how long to wait: then it goes, a moment earlier it does not', () => {
    fc.assert(
      fc.property(asks, fc.option(fc.nat(2 * WINDOW)), (list, elsewhere) => {
        const make = () => {
          const budget = new WindowBudget(options);
          if (elsewhere !== null) budget.spentElsewhere(options.limit / 2, 5_000_000 + elsewhere);
          return budget;
        };
        const history: { at: number; weight: number; leave: number }[] = [];
        const replay = () => {
          const budget = make();
          for (const { at, weight, leave } of history) budget.take(weight, at, leave);
          return budget;
        };
        let now = 5_000_000;
        for (const { pause, weight, leave } of list) {
          now += pause;
          history.push({ at: now, weight, leave });
          const before = replay();
          const answer = before.take(weight, now, leave);
          if (answer.ok) continue;
          const early = answer.waitMs > 2 && replay().take(weight, now + answer.waitMs - 2, leave).ok;
          expect(early).toBe(false);
          expect(replay().take(weight, now + answer.waitMs, leave).ok).toBe(true);
          return;
        }
      }),
      { numRuns: 200 },
    );
  });

  it('leaves free what is to be left', () => {
    const budget = new WindowBudget(options);
    let others = 0;
    while (budget.take(1, 1000, 15).ok) others += 1;
    expect(others).toBe(45);
    let live = 0;
    while (budget.take(1, 1000).ok) live += 1;
    expect(live).toBe(15);
  });

  it('begins without a burst when who spends beside us is not known, and frees up evenly', () => {
    const budget = new WindowBudget(options);
    budget.correct(0, 10_000);
    expect(waitOf(budget.take(1, 10_000))).toBeCloseTo(1000, -1);
    expect(budget.take(1, 11_000).ok).toBe(true);
    expect(budget.take(1, 11_500).ok).toBe(false);
    let taken = 0;
    for (let at = 12_000; at <= 71_000; at += 500) if (budget.take(1, at).ok) taken += 1;
    expect(taken).toBeGreaterThanOrEqual(58);
  });

  it('takes a piece larger than the limit as a whole window, and a large one of other work once there is room', () => {
    const budget = new WindowBudget(options);
    expect(budget.take(1000, 1000).ok).toBe(true);
    expect(budget.take(1, 1000 + WINDOW).ok).toBe(false);
    expect(budget.take(40, 1001 + WINDOW, 30).ok).toBe(true);
  });

  it('is quiet for as long as the vendor asks, then begins without a burst', () => {
    const budget = new WindowBudget(options);
    budget.correct(5000, 1000);
    expect(waitOf(budget.take(1, 5999))).toBeCloseTo(1001, -1);
    expect(budget.take(10, 6000).ok).toBe(false);
    expect(budget.take(1, 7000).ok).toBe(true);
  });

  it('refuses a limit of zero', () => {
    expect(() => new WindowBudget({ limit: 0, windowMs: 1 })).toThrow(RangeError);
  });
});
