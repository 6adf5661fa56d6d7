import { WORK_CLASSES, WORK_SHARES, type WorkClass } from '@relay/sync-engine';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SharedBudget } from './shared-budget.js';

const WINDOW = 60_000;
const STEP = 100;

interface Took {
  readonly at: number;
  readonly work: WorkClass;
  readonly weight: number;
}

/** What a class wants: a piece of this weight, again and again, from one instant to another. */
interface Demand {
  readonly work: WorkClass;
  readonly weight: number;
  readonly from: number;
  readonly to: number;
  /** Between an answer and the next wish. */
  readonly pauseMs: number;
}

/** Each class asks when it has something and was not told to wait. In which order they ask in one moment, `order` says. */
function play(budget: SharedBudget, demands: readonly Demand[], until: number, order: (now: number) => number): Took[] {
  const took: Took[] = [];
  const comeAgain = new Map<Demand, number>();
  for (let now = 0; now < until; now += STEP) {
    const rotated = demands.map((_, index) => demands[(index + order(now)) % demands.length] as Demand);
    for (const demand of rotated) {
      if (now < demand.from || now >= demand.to || now < (comeAgain.get(demand) ?? 0)) continue;
      const { weight, work } = demand;
      const taken = budget.take(weight, now, work);
      if (taken.ok) took.push({ at: now, work, weight });
      comeAgain.set(demand, now + (taken.ok ? demand.pauseMs : taken.waitMs));
    }
  }
  return took;
}

const sum = (took: readonly Took[]): number => took.reduce((total, { weight }) => total + weight, 0);

const within = (took: readonly Took[], from: number, to: number): Took[] =>
  took.filter(({ at }) => at >= from && at <= to);

const budgetOf = (limit: number): SharedBudget => new SharedBudget({ limit, windowMs: WINDOW, liveReserve: 0.05 });

const demandOf = (work: WorkClass): fc.Arbitrary<Demand> =>
  fc.record({
    work: fc.constant(work),
    weight: fc.integer({ min: 1, max: 3 }),
    from: fc.nat(200_000),
    to: fc.integer({ min: 500_000, max: 900_000 }),
    pauseMs: fc.constantFrom(0, 100),
  });

const anyDemands = fc
  .subarray([...WORK_CLASSES], { minLength: 1 })
  .chain((classes) => fc.tuple(...classes.map(demandOf)));

describe('a budget that classes of work share', () => {
  it('is never overdrawn in any window, whoever asks for what', () => {
    fc.assert(
      fc.property(anyDemands, fc.integer({ min: 5, max: 120 }), fc.nat(5), (demands, limit, turn) => {
        const took = play(budgetOf(limit), demands, 300_000, (now) => (now / STEP) * turn);
        for (const { at } of took) expect(sum(within(took, at, at + WINDOW))).toBeLessThanOrEqual(limit);
      }),
      { numRuns: 40 },
    );
  });

  it('gives each class that has work its share twice in any four windows, whatever the others want', () => {
    fc.assert(
      fc.property(anyDemands, fc.integer({ min: 40, max: 300 }), fc.nat(5), (demands, limit, turn) => {
        const took = play(budgetOf(limit), demands, 900_000, (now) => (now / STEP) * turn);
        for (const { work, weight, from, to } of demands) {
          const own = took.filter((one) => one.work === work);
          // A piece of its own and one of another may always be open.
          const owed = (WORK_SHARES[work] * limit - weight - 2) * 2;
          // What it gets are whole pieces.
          const whole = Math.floor(Math.min(owed, limit * 0.9) / weight) * weight;
          // Its first window may have been spent before it came.
          for (let start = from + WINDOW; start + 4 * WINDOW <= to; start += 20_000) {
            expect(sum(within(own, start, start + 4 * WINDOW))).toBeGreaterThanOrEqual(whole);
          }
        }
      }),
      { numRuns: 40 },
    );
  });

  it('lets nothing lie that somebody asks for: nine tenths and more are used', () => {
    fc.assert(
      fc.property(anyDemands, fc.integer({ min: 40, max: 300 }), fc.nat(5), (demands, limit, turn) => {
        const took = play(budgetOf(limit), demands, 500_000, (now) => (now / STEP) * turn);
        // Of weights that do not divide what is allowed, a window holds a piece less.
        const largest = Math.max(...demands.map(({ weight }) => weight));
        // All have work by then.
        expect(sum(within(took, 260_000, 260_000 + 3 * WINDOW))).toBeGreaterThanOrEqual(3 * (0.9 * limit - largest));
      }),
      { numRuns: 40 },
    );
  });

  it('comes to a large piece in the end, although small ones never cease', () => {
    const busy = (work: WorkClass, weight: number): Demand => ({ work, weight, from: 0, to: Infinity, pauseMs: 0 });
    const demands = [busy('live', 1), busy('reconcile', 1), busy('sweep', 12)];
    const took = play(budgetOf(20), demands, 900_000, () => 0);
    expect(took.filter(({ work }) => work === 'sweep').length).toBeGreaterThanOrEqual(3);
  });

  it('keeps a reserve that only live work finds', () => {
    const budget = budgetOf(100);
    for (let taken = 0; taken < 95; taken += 1) expect(budget.take(1, 0, 'sweep').ok).toBe(true);
    expect(budget.take(1, 0, 'sweep').ok).toBe(false);
    for (let taken = 0; taken < 5; taken += 1) expect(budget.take(1, 0, 'live').ok).toBe(true);
    expect(budget.take(1, 0, 'live').ok).toBe(false);
  });

  it('forgets who was refused and did not come again', () => {
    const budget = budgetOf(100);
    for (let taken = 0; taken < 95; taken += 1) budget.take(1, 0, 'sweep');
    expect(budget.take(1, 30_000, 'backfill').ok).toBe(false);
    // All is free again, and the backfill gone.
    for (let taken = 0; taken < 95; taken += 1) expect(budget.take(1, 130_000, 'sweep').ok).toBe(true);
  });
});
