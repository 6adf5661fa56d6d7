import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { WorkClass } from '../ports/connector.js';
import { turnOrder } from './turn-order.js';
import { WORK_CLASSES, WORK_SHARES } from './work-shares.js';

/** Who gets each turn, when these classes always have something to do. */
function turnsOf(busy: readonly WorkClass[], turns: number): WorkClass[] {
  return Array.from({ length: turns }, (_, turn) => turnOrder(turn).find((work) => busy.includes(work)) as WorkClass);
}

describe('the turns of a lane', () => {
  it('shares that are given out add up to everything', () => {
    expect(WORK_CLASSES.reduce((sum, work) => sum + WORK_SHARES[work], 0)).toBeCloseTo(1, 10);
  });

  it('give each class that has work its share at least, whoever else has some', () => {
    fc.assert(
      fc.property(fc.subarray([...WORK_CLASSES], { minLength: 1 }), (busy) => {
        const turns = turnsOf(busy, 200);
        for (const work of busy) {
          expect(turns.filter((one) => one === work).length).toBeGreaterThanOrEqual(
            Math.floor(WORK_SHARES[work] * 200),
          );
        }
      }),
    );
  });

  it('give what nobody uses to the most urgent', () => {
    expect(new Set(turnsOf(['live'], 40))).toEqual(new Set(['live']));
    expect(turnsOf(['live', 'sweep'], 20).filter((work) => work === 'sweep')).toHaveLength(1);
  });

  it('never let live work wait for more than two turns of others', () => {
    const turns = turnsOf(WORK_CLASSES, 60).map((work) => (work === 'live' ? 'L' : '.'));
    expect(turns.join('')).not.toContain('...');
  });
});
