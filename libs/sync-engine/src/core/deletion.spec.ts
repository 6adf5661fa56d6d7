import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { countDeletion, judgeAbsence, mayDelete, type AbsenceQuestion } from './deletion.js';

const T = 1_795_000_000_000;
const base: AbsenceQuestion = {
  now: T,
  askedAt: T - 100,
  deleteTrigger: false,
  absentAt: T - 6_000,
  listedAt: T - 50,
  recheckMs: 5_000,
  listValidMs: 60_000,
};

describe('judgeAbsence', () => {
  it.each<[string, Partial<AbsenceQuestion>, ReturnType<typeof judgeAbsence>]>([
    ['a second 404 five seconds after the first, and a list that answers', {}, { kind: 'gone' }],
    ['the first 404', { absentAt: null }, { kind: 'look-again', at: T + 5_000 }],
    ['the first 404, and no list that was asked after it', { absentAt: null, listedAt: T - 101 }, { kind: 'ask-list' }],
    ['a second 404 too early', { absentAt: T - 4_000 }, { kind: 'look-again', at: T + 1_000 }],
    ['the first 404 after a delete trigger', { absentAt: null, deleteTrigger: true }, { kind: 'gone' }],
    ['a delete trigger without a list', { deleteTrigger: true, listedAt: null }, { kind: 'ask-list' }],
    ['a list that was asked before the 404', { listedAt: T - 101 }, { kind: 'ask-list' }],
    ['no list', { listedAt: null }, { kind: 'ask-list' }],
    [
      'a list of more than a minute ago',
      { askedAt: T - 70_000, absentAt: T - 90_000, listedAt: T - 61_000 },
      { kind: 'ask-list' },
    ],
  ])('%s', (_what, change, verdict) => {
    expect(judgeAbsence({ ...base, ...change })).toEqual(verdict);
  });
});

describe('mayDelete', () => {
  const HOUR = 3_600_000;

  it('lets 20 an hour pass without a question', () => {
    let deletions: ReturnType<typeof countDeletion> = [];
    for (let i = 0; i < 20; i += 1) {
      expect(mayDelete(deletions, T + i * 1000, 100 - i)).toBe(true);
      deletions = countDeletion(deletions, T + i * 1000);
    }
    expect(mayDelete(deletions, T + 21_000, 80)).toBe(false);
    expect(mayDelete(deletions, T + HOUR + 60_000, 80)).toBe(true);
  });

  it('lets one in a hundred of a large practice pass', () => {
    let deletions: ReturnType<typeof countDeletion> = [];
    let live = 5_000;
    let passed = 0;
    while (mayDelete(deletions, T, live)) {
      deletions = countDeletion(deletions, T);
      live -= 1;
      passed += 1;
    }
    expect(passed).toBe(50);
  });

  it('never lets more than the limit pass in any hour', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 600_000 }), { maxLength: 200 }), (gaps) => {
        let deletions: ReturnType<typeof countDeletion> = [];
        let now = T;
        const done: number[] = [];
        for (const gap of gaps) {
          now += gap;
          if (!mayDelete(deletions, now, 100)) continue;
          deletions = countDeletion(deletions, now);
          done.push(now);
        }
        // Whole minutes are counted, so the window is an hour less at most one minute.
        for (const at of done)
          expect(done.filter((x) => x <= at && x > at - 59 * 60_000).length).toBeLessThanOrEqual(20);
      }),
    );
  });
});
