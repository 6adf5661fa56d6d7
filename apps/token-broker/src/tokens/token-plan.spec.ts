import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dueAt, nextStep, type TokenState } from './token-plan.js';

const NOW = Date.UTC(2026, 0, 1);
const state = (over: Partial<TokenState> = {}): TokenState => ({
  renewAt: NOW + 60_000,
  invalid: false,
  mints: [],
  retryAt: null,
  retireAt: null,
  refused: false,
  ...over,
});
const tenMints = Array.from({ length: 10 }, (_, i) => NOW - 300_000 + i * 30_000);

describe('the next step of a token', () => {
  it.each<[string, Partial<TokenState>, object]>([
    ['waits for its renewal', {}, { do: 'wait', until: NOW + 60_000 }],
    ['is renewed when that is due', { renewAt: NOW }, { do: 'mint', because: 'renewal' }],
    ['is renewed at once when overdue', { renewAt: NOW - 9_000_000 }, { do: 'mint', because: 'renewal' }],
    ['is minted at once when refused', { invalid: true }, { do: 'mint', because: 'invalidated' }],
    ['waits out a failed attempt', { renewAt: NOW, retryAt: NOW + 5 }, { do: 'wait', until: NOW + 5 }],
    ['waits out a failed attempt on demand', { invalid: true, retryAt: NOW + 5 }, { do: 'wait', until: NOW + 5 }],
    ['waits for the pace of minting', { invalid: true, mints: [NOW, NOW, NOW] }, { do: 'wait', until: NOW + 30_000 }],
    ['says so when minting is at its limit', { invalid: true, mints: tenMints }, { do: 'refuse' }],
    [
      'then waits for the limit to end',
      { invalid: true, mints: tenMints, refused: true },
      { do: 'wait', until: NOW - 300_000 + 3_600_000 },
    ],
    ['recovers when the limit has ended', { refused: true, mints: tenMints.slice(1) }, { do: 'recover' }],
    ['is retired with its credential', { retireAt: NOW }, { do: 'retire' }],
    ['is not renewed before that', { retireAt: NOW + 9, renewAt: NOW, invalid: true }, { do: 'wait', until: NOW + 9 }],
  ])('%s', (_name, over, step) => {
    expect(nextStep(state(over), NOW)).toEqual(step);
  });

  it('never waits for an instant that has passed, and does something once it waited', () => {
    const instant = fc.integer({ min: NOW - 7_200_000, max: NOW + 7_200_000 });
    const arbitrary = fc.record({
      renewAt: instant,
      invalid: fc.boolean(),
      mints: fc
        .array(fc.integer({ min: NOW - 3_700_000, max: NOW }), { maxLength: 12 })
        .map((all) => all.sort((a, b) => a - b)),
      retryAt: fc.option(instant),
      retireAt: fc.option(instant),
      refused: fc.boolean(),
    });
    fc.assert(
      fc.property(arbitrary, (some) => {
        const step = nextStep(some, NOW);
        if (step.do !== 'wait') return;
        expect(step.until).toBeGreaterThan(NOW);
        expect(dueAt(some, NOW)).toBe(step.until);
        expect(nextStep(some, step.until).do).not.toBe('wait');
      }),
    );
  });
});
