import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hourlyLimitEndsAt, mintsAfter, nextMintAt } from './minting-limits.js';

const HOUR = 3_600_000;
const START = Date.UTC(2026, 0, 1);

/** Mints as often as the limits allow, with the given waits between a refusal and the next wish. */
function mintGreedily(waits: readonly number[]): number[] {
  const all: number[] = [];
  let mints: number[] = [];
  let now = START;
  for (const wait of waits) {
    now = Math.max(now + wait, nextMintAt(mints, now + wait));
    mints = mintsAfter(mints, now);
    all.push(now);
  }
  return all;
}

describe('minting on demand', () => {
  it('is allowed three times at once, then once in 30 seconds', () => {
    expect(mintGreedily([0, 0, 0, 0, 0]).map((at) => at - START)).toEqual([0, 0, 0, 30_000, 60_000]);
  });

  it('reaches its limit at ten an hour, and opens again when the oldest is an hour old', () => {
    const ten = mintGreedily(Array.from({ length: 10 }, () => 0));
    const last = ten.at(-1) as number;
    expect(hourlyLimitEndsAt(ten.slice(1), last)).toBeNull();
    expect(hourlyLimitEndsAt(ten, last)).toBe(START + HOUR);
    expect(nextMintAt(ten, last)).toBe(START + HOUR);
    expect(nextMintAt(ten, START + HOUR)).toBe(START + HOUR);
  });

  it('never exceeds its limits, however the wishes come', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 400_000 }), { maxLength: 60 }), (waits) => {
        const all = mintGreedily(waits);
        for (const [i, from] of all.entries()) {
          expect(all.filter((at) => at >= from && at < from + HOUR).length).toBeLessThanOrEqual(10);
          expect((all[i + 3] ?? Number.POSITIVE_INFINITY) - from).toBeGreaterThanOrEqual(30_000);
        }
      }),
    );
  });

  it('does not stay closed when the clock was set back', () => {
    const future = Array.from({ length: 3 }, (_, i) => START + 10 * HOUR + i);
    expect(nextMintAt(future, START)).toBeLessThanOrEqual(START + 30_000);
  });
});
