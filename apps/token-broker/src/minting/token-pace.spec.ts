import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { TokenPace, nextTurn, type Turn } from './token-pace.js';

const START = 1_000_000;

/** Takes turns one after the other; each comes later than planned by what `late` says. */
function take(count: number, perSecond: number, late: (index: number) => number): number[] {
  let last: Turn = { planned: 0, at: 0 };
  let now = START;
  return Array.from({ length: count }, (_, index) => {
    const next = nextTurn(last, now, perSecond);
    now = Math.max(now, next.at) + late(index);
    last = { planned: next.planned, at: now };
    return now;
  });
}

it('keeps every second below the rate, however late turns come', () => {
  const delays = fc.array(fc.oneof({ weight: 20, arbitrary: fc.nat({ max: 3 }) }, fc.nat({ max: 3000 })), {
    minLength: 150,
    maxLength: 150,
  });
  fc.assert(
    fc.property(delays, fc.constantFrom(5, 50), (late, rate) => {
      const times = take(late.length, rate, (index) => late[index] as number);
      for (const from of times) {
        expect(times.filter((at) => at >= from && at <= from + 1000).length).toBeLessThanOrEqual(rate);
      }
    }),
  );
});

it('loses next to nothing to coarse timers', () => {
  const times = take(1000, 50, () => 1);
  expect((times.at(-1) as number) - START).toBeLessThan((1000 / 46) * 1000);
});

it('saves nothing up while it is idle', () => {
  const last = { planned: START, at: START };
  const later = START + 3_600_000;
  const first = nextTurn(last, later, 10);
  expect(first.at).toBeLessThanOrEqual(later);
  expect(later - first.planned).toBeLessThanOrEqual(1000);
});

it('gives each host turns of its own, its share of the rate, and none to who does not want one any more', async () => {
  const { signal } = new AbortController();
  const pace = new TokenPace(40, () => 0.5);
  const begun = Date.now();
  await Promise.all([pace.turn('a', signal), pace.turn('b', signal)]);
  expect(Date.now() - begun).toBeLessThan(40);
  await Promise.all([pace.turn('a', AbortSignal.abort()), pace.turn('a', AbortSignal.abort())]);
  await pace.turn('a', signal);
  expect(Date.now() - begun).toBeGreaterThanOrEqual(48);
  const free = new TokenPace(0, () => 1);
  await Promise.all(Array.from({ length: 1000 }, () => free.turn('a', signal)));
});
