import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { estimatedEnd, readOn } from './first-reading.js';
import type { FirstReading } from './model.js';

describe('the estimate of a first reading', () => {
  it('goes by its pace', () => {
    expect(estimatedEnd({ startedAt: 1000, done: 25, total: 100 }, 2000)).toBe(5000);
    expect(estimatedEnd({ startedAt: 1000, done: 0, total: 100 }, 2000)).toBeNull();
    expect(estimatedEnd({ startedAt: 1000, done: 5, total: null }, 2000)).toBeNull();
  });

  it('is within a fifth of what is left, once a tenth and three minutes are done, also when the pace changed at the start', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 2_000, max: 60_000 }),
        fc.integer({ min: 500, max: 5_000 }),
        fc.double({ min: 0.1, max: 10, noNaN: true }),
        (total, pageMs, slower) => {
          let reading: FirstReading | null = null;
          let at = 0;
          const seen: { at: number; done: number; end: number }[] = [];
          for (let done = 100; done <= total; done += 100) {
            at += done <= total / 20 ? pageMs * slower : pageMs;
            reading = readOn(reading, { at, startedAt: 0, done, total });
            const end = estimatedEnd(reading, at);
            if (end !== null) seen.push({ at, done, end });
          }
          const changedAt = (total / 20 / 100) * pageMs * slower;
          for (const { at: then, done, end } of seen) {
            const isSettled = done >= total / 10 && then >= 180_000 && then >= 4 * changedAt;
            const allowed = isSettled ? 0.2 * (at - then) + 2 * pageMs : Infinity;
            expect(Math.abs(end - at)).toBeLessThanOrEqual(allowed);
          }
        },
      ),
    );
  });

  it('begins anew with a reading that does', () => {
    const first = readOn(null, { at: 100_000, startedAt: 0, done: 5_000, total: 6_000 });
    const again = readOn(first, { at: 200_000, startedAt: 0, done: 100, total: 6_000 });
    expect(estimatedEnd(again, 200_000)).toBeNull();
    const on = readOn(again, { at: 210_000, startedAt: 0, done: 200, total: 6_000 });
    expect(estimatedEnd(on, 210_000)).toBe(210_000 + 580_000);
  });
});
