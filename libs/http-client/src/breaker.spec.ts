import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CLOSED_BREAKER, breakerAfter, breakerAllows, breakerPhase, type Breaker } from './breaker.js';
import { fullJitter } from './full-jitter.js';

const limits = { failures: 5, minMs: 1000, maxMs: 900_000 };
const fail = (state: Breaker, now: number, random = () => 0.5) => breakerAfter(state, 'failure', now, limits, random);

describe('breaker', () => {
  it('opens after the given number of failures in a row, not before', () => {
    let state = CLOSED_BREAKER;
    for (let i = 1; i < 5; i++) state = fail(state, 0);
    expect(breakerAllows(state, 0)).toBe('closed');
    expect(breakerAllows(fail(breakerAfter(state, 'success', 0, limits), 0), 0)).toBe('closed');
    expect(breakerAllows(fail(state, 0), 0)).toBe('no');
  });

  it('allows a probe after its pause; a failed one opens it for longer, a good one closes it', () => {
    const open: Breaker = { failures: 5, opens: 1, until: 2000 };
    expect(breakerPhase(open, 1999)).toBe('open');
    expect(breakerPhase(open, 2000)).toBe('half-open');
    const again = fail(open, 2000, () => 1);
    expect(again).toEqual({ failures: 6, opens: 2, until: 2000 + 4000 });
    expect(breakerAfter(again, 'success', 7000, limits)).toEqual(CLOSED_BREAKER);
  });

  it('is not opened for longer by calls that began before it opened', () => {
    const open: Breaker = { failures: 5, opens: 1, until: 2000 };
    expect(fail(open, 1000)).toEqual({ failures: 6, opens: 1, until: 2000 });
  });

  it('stays plain data, never waits beyond the limits, and always lets a probe through in time', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.record({ pause: fc.nat(100_000), ok: fc.boolean(), roll: fc.double({ min: 0, max: 1, noNaN: true }) }),
        ),
        (steps) => {
          let state = CLOSED_BREAKER;
          let now = 0;
          for (const { pause, ok, roll } of steps) {
            now += pause;
            state = breakerAfter(state, ok ? 'success' : 'failure', now, limits, () => roll);
            expect(JSON.parse(JSON.stringify(state))).toEqual(state);
            expect((state.until ?? now) - now).toBeLessThanOrEqual(limits.maxMs);
            expect(breakerAllows(state, now + limits.maxMs)).not.toBe('no');
          }
        },
      ),
    );
  });
});

describe('fullJitter', () => {
  it('stays between the shortest and the longest pause, at any attempt', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 5000 }), fc.double({ min: 0, max: 1, noNaN: true }), (attempt, roll) => {
        const pause = fullJitter(limits, attempt, () => roll);
        expect(pause).toBeGreaterThanOrEqual(limits.minMs);
        expect(pause).toBeLessThanOrEqual(limits.maxMs);
      }),
    );
  });

  it('doubles its ceiling with each attempt', () => {
    const ceilings = [1, 2, 3].map((attempt) => fullJitter(limits, attempt, () => 1));
    expect(ceilings).toEqual([2000, 4000, 8000]);
    expect(fullJitter(limits, 9, () => 0)).toBe(1000);
  });
});
