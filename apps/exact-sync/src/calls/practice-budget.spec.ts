import fc from 'fast-check';
import type { WorkClass } from '@relay/sync-engine';
import { describe, expect, it } from 'vitest';
import { PracticeBudget } from './practice-budget.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const START = Date.parse('2026-11-26T12:00:20Z');
const CAP = 60;
const WORK: WorkClass[] = ['live', 'command', 'reconcile', 'backfill', 'sweep'];

/** Asks as long as calls may be made; how many were. */
function spend(budget: PracticeBudget, work: WorkClass, now: number, tenant = 'a'): number {
  for (let made = 0; made < 10_000; made += 1) if (budget.take(tenant, work, now) !== null) return made;
  throw new Error('there is no end to it');
}

describe('the calls of a practice', () => {
  it('are never more in any hour than allowed, whatever they are for, and each waits until it may be made', () => {
    const asked = fc.array(
      fc.record({ afterMs: fc.integer({ min: 0, max: 30_000 }), work: fc.constantFrom(...WORK) }),
      { minLength: 200, maxLength: 600 },
    );
    fc.assert(
      fc.property(asked, (asks) => {
        const budget = new PracticeBudget(CAP);
        const made: { at: number; work: WorkClass }[] = [];
        const waits: number[] = [];
        let now = START;
        for (const { afterMs, work } of asks) {
          now += afterMs;
          const waitMs = budget.take('a', work, now);
          if (waitMs === null) made.push({ at: now, work });
          else waits.push(waitMs);
        }
        expect(waits.every((waitMs) => waitMs > 0)).toBe(true);
        for (const { at } of made) {
          const inHour = made.filter((call) => call.at >= at && call.at < at + HOUR);
          expect(inHour.length).toBeLessThanOrEqual(CAP);
          expect(inHour.filter(({ work }) => work === 'backfill').length).toBeLessThanOrEqual(CAP / 2);
          expect(inHour.filter(({ work }) => work === 'sweep').length).toBeLessThanOrEqual(CAP * 0.3);
        }
      }),
      { numRuns: 40 },
    );
  });

  it('may be made again after what was said, and not before', () => {
    for (const work of WORK) {
      const budget = new PracticeBudget(CAP);
      spend(budget, work, START);
      const waitMs = budget.take('a', work, START) ?? 0;
      expect(budget.take('a', work, START + waitMs - 1)).not.toBeNull();
      expect(budget.take('a', work, START + waitMs)).toBeNull();
    }
  });

  it('of a first reading leave half of the hour to what happens now, and sweeps the rest of it', () => {
    const budget = new PracticeBudget(CAP);
    expect(spend(budget, 'backfill', START)).toBe(30);
    expect(spend(budget, 'sweep', START)).toBe(18);
    expect(spend(budget, 'reconcile', START)).toBe(12);
    expect(budget.used('a', START)).toBe(60);
    expect(budget.used('a', START, 'sweeps')).toBe(18);
  });

  it('for what happens now are spread over the hour', () => {
    const budget = new PracticeBudget(CAP);
    expect(spend(budget, 'reconcile', START)).toBe(12);
    expect(spend(budget, 'reconcile', START + 10 * MINUTE)).toBe(12);
  });

  it('of one practice are none of another', () => {
    const budget = new PracticeBudget(CAP);
    spend(budget, 'backfill', START);
    expect(budget.take('b', 'backfill', START)).toBeNull();
    expect(budget.most(START)).toBe(30);
  });

  it('that were not made do not count', () => {
    const budget = new PracticeBudget(CAP);
    spend(budget, 'sweep', START);
    budget.giveBack('a', 'sweep', START + MINUTE);
    expect(budget.take('a', 'sweep', START + MINUTE)).toBeNull();
    expect(budget.take('a', 'sweep', START + MINUTE)).not.toBeNull();
  });

  it('are not forgotten with their process: what was kept counts, and a tenth of the cap for the rest', () => {
    const asked = fc.array(
      fc.record({
        afterMs: fc.integer({ min: 0, max: 30_000 }),
        work: fc.constantFrom(...WORK),
        dies: fc.nat(150),
        commits: fc.boolean(),
      }),
      { minLength: 200, maxLength: 600 },
    );
    fc.assert(
      fc.property(asked, (asks) => {
        let now = START;
        let told: ReturnType<PracticeBudget['told']>[] = [];
        const keeping = (): PracticeBudget => {
          const fresh = new PracticeBudget(CAP);
          fresh.book(() => now).onUnkept(() => void told.push(fresh.told('a', now)));
          return fresh;
        };
        let budget = keeping();
        let kept: string | null = null;
        let deaths = 0;
        const made: number[] = [];
        for (const { afterMs, work, dies, commits } of asks) {
          now += afterMs;
          if (commits && told.length > 0) {
            kept = JSON.stringify(told.at(-1));
            for (const each of told) budget.kept(each);
            told = [];
          }
          if (dies === 0 && deaths++ < 3) {
            told = [];
            budget = keeping();
            budget.takeOver('a', JSON.parse(kept ?? '{}'), now);
          }
          if (budget.take('a', work, now) !== null) continue;
          made.push(now);
        }
        for (const at of made) {
          expect(made.filter((other) => other >= at && other < at + HOUR).length).toBeLessThanOrEqual(CAP);
        }
      }),
      { numRuns: 40 },
    );
  });

  it('are few that are kept: twenty times an hour at most, in a few hundred characters', () => {
    const budget = new PracticeBudget(600);
    let times = 0;
    budget
      .book(() => START)
      .onUnkept(() => {
        times += 1;
        const told = budget.told('a', START);
        expect(JSON.stringify(told).length).toBeLessThan(200);
        budget.kept(told);
      });
    for (let minute = 0; minute < 60; minute += 1) spend(budget, 'live', START + minute * MINUTE);
    expect(times).toBeGreaterThan(0);
    expect(times).toBeLessThanOrEqual(20);
  });

  it('wait while a tenth of an hour is not kept yet, and go on when it is', () => {
    const budget = new PracticeBudget(600);
    const asked: ReturnType<PracticeBudget['told']>[] = [];
    budget.book(() => START).onUnkept(() => void asked.push(budget.told('a', START)));
    expect(spend(budget, 'backfill', START)).toBe(60);
    expect(budget.take('a', 'backfill', START)).toBe(100);
    // The older account says less than the newer one: it takes nothing away again.
    const [first] = asked;
    budget.kept(asked.at(-1)!);
    budget.kept(first!);
    expect(spend(budget, 'backfill', START)).toBe(60);
  });

  it('wait until a practice’s being here is kept', () => {
    const budget = new PracticeBudget(CAP);
    const book = budget.book(() => START);
    let asked = 0;
    book.onUnkept(() => (asked += 1));
    book.takeOver('a', undefined);
    expect(budget.take('a', 'live', START)).toBe(100);
    expect(asked).toBe(1);
    book.kept(book.told('a'));
    expect(budget.take('a', 'live', START)).toBeNull();
  });

  it('of a practice that was here before are not counted twice, and nothing is taken for a count that is none', () => {
    const budget = new PracticeBudget(CAP);
    expect(spend(budget, 'backfill', START)).toBe(30);
    const kept = budget.told('a', START);
    budget.takeOver('a', kept, START);
    expect(budget.used('a', START)).toBe(30);
    for (const strange of [undefined, 7, {}, { minute: 1, by: { present: ['x'] } }] as const)
      budget.takeOver('a', strange, START);
    expect(budget.used('a', START)).toBe(30);
    // A tenth of the cap is what another process may not have told; of many processes three tenths are.
    expect(spend(budget, 'sweep', START) + spend(budget, 'live', START)).toBe(CAP - 30 - 0.3 * CAP);
  });
});
