import { mostInASecond } from '@relay/vendor-twins';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SecondCap } from './second-cap.js';

describe('requests in one second', () => {
  it('are never more than may be, however many timers run at once, and all go in the end', () => {
    const bursts = fc.array(fc.record({ afterMs: fc.nat(1_500), count: fc.integer({ min: 1, max: 12 }) }), {
      maxLength: 20,
    });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 9 }), bursts, (most, all) => {
        const cap = new SecondCap(most);
        const sent: number[] = [];
        let now = 0;
        let waiting = 0;
        for (const { afterMs, count } of [...all, { afterMs: 0, count: 1 }]) {
          now += afterMs;
          waiting += count;
          while (waiting > 0) {
            const waitMs = cap.take(now);
            if (waitMs > 0) {
              now += waitMs;
              continue;
            }
            sent.push(now);
            waiting -= 1;
          }
        }
        expect(mostInASecond(sent)).toBeLessThanOrEqual(most);
      }),
    );
  });

  it('are one where less than one may be, and nobody is held for a clock that was put back', () => {
    const cap = new SecondCap(0.1);
    expect(cap.take(5_000)).toBe(0);
    expect(cap.take(5_400)).toBe(600);
    expect(cap.take(1_000)).toBe(0);
  });
});
