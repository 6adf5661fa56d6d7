import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PassSpec } from '../ports/connector.js';
import { noEffects } from './effects.js';
import { NEW_FACTS, type Doubt } from './model.js';
import { countMissed, doubtAt, doubted, doubtOf, paceOf } from './pace.js';

const T = 1_795_000_000_000;
const PAUSE = 900;
const HALF_LIFE = 4 * PAUSE * 1000;
const check: PassSpec = {
  name: 'reconcile',
  everySeconds: PAUSE,
  everySecondsUnannounced: 300,
  reads: 'changed',
  cause: 'reconcile',
  provesAbsence: false,
  firstReading: false,
};
const spec = { passes: [check] };
const everyAt = (doubt: Doubt | null, now: number, elsewhere = 0): number =>
  paceOf(check, { isAnnounced: true, doubt: doubtAt(doubt, now, HALF_LIFE), elsewhere }).everySeconds;

/** What happens to a resource: one is missed, or turns out to be late, after so many ms. */
const story = fc.array(
  fc.record({ after: fc.nat(2 * HALF_LIFE), by: fc.constantFrom(1 as const, 1 as const, -1 as const) }),
  { maxLength: 60 },
);

function told(events: readonly { readonly after: number; readonly by: 1 | -1 }[]) {
  let now = T;
  let doubt: Doubt | null = null;
  for (const { after, by } of events) {
    now += after;
    doubt = doubted(doubt, by, now, HALF_LIFE);
  }
  return { doubt, now };
}

describe('the pace at which changes are looked for', () => {
  it('is never slower than the usual one, nor faster than four times of it', () => {
    fc.assert(
      fc.property(
        story,
        fc.nat(20 * HALF_LIFE),
        fc.double({ min: 0, max: 9, noNaN: true }),
        (events, later, elsewhere) => {
          const { doubt, now } = told(events);
          const every = everyAt(doubt, now + later, elsewhere);
          expect(every).toBeLessThanOrEqual(PAUSE);
          expect(every).toBeGreaterThanOrEqual(PAUSE / 4);
        },
      ),
    );
  });

  it('is the usual one again four half-lives after the last miss, whatever was before', () => {
    fc.assert(
      fc.property(story, (events) => {
        const { doubt, now } = told(events);
        expect(everyAt(doubt, now + 4 * HALF_LIFE)).toBe(PAUSE);
      }),
    );
  });

  it('only slows down while nothing is missed', () => {
    fc.assert(
      fc.property(story, fc.array(fc.nat(HALF_LIFE), { maxLength: 20 }), (events, pauses) => {
        const { doubt, now } = told(events);
        let at = now;
        const paces = pauses.map((pause) => everyAt(doubt, (at += pause)));
        expect(paces).toEqual(paces.toSorted((a, b) => a - b));
      }),
    );
  });

  it('is twice the usual one after a miss, four times after two, and none of it when they were only late', () => {
    const one = doubted(null, 1, T, HALF_LIFE);
    const two = doubted(one, 1, T + 1_000, HALF_LIFE);
    expect([everyAt(null, T), everyAt(one, T), everyAt(two, T + 1_000)]).toEqual([900, 450, 225]);
    const late = doubted(doubted(two, -1, T + 2_000, HALF_LIFE), -1, T + 2_000, HALF_LIFE);
    expect(everyAt(late, T + 2_000)).toBe(900);
  });

  it('says why', () => {
    const why = (isAnnounced: boolean, doubt: number, elsewhere: number) =>
      paceOf(check, { isAnnounced, doubt, elsewhere });
    expect(why(true, 0, 1)).toEqual({ everySeconds: 900, reason: 'usual' });
    expect(why(true, 1, 3)).toEqual({ everySeconds: 450, reason: 'notices-missed' });
    expect(why(true, 0, 3)).toEqual({ everySeconds: 450, reason: 'missed-elsewhere' });
    expect(why(false, 3, 3)).toEqual({ everySeconds: 300, reason: 'no-notices' });
  });

  it('is not made quicker than a second, nor a quicker one slower', () => {
    const quick = (everySeconds: number) =>
      paceOf({ ...check, everySeconds }, { isAnnounced: true, doubt: 4, elsewhere: 4 }).everySeconds;
    expect([quick(1), quick(2), quick(0.5), quick(8)]).toEqual([1, 1, 0.5, 2]);
  });
});

describe('counting a miss', () => {
  it('doubts the resource with it, beside what else the result has made of its facts', () => {
    const effects = { ...noEffects(), facts: { ...NEW_FACTS, listSamples: 7 } };
    countMissed(effects, 1, 1, NEW_FACTS, { spec, now: T });
    countMissed(effects, 1, 1, NEW_FACTS, { spec, now: T });
    expect(effects.facts).toMatchObject({ listSamples: 7, doubt: { weight: 2, at: T } });
    expect(effects.counted).toContainEqual({ counter: 'missed', by: 1, trigger: 1 });
    expect(doubtOf(spec, effects.facts, T + HALF_LIFE)).toBe(1);
  });

  it('doubts nothing that is only read whole', () => {
    const effects = noEffects();
    countMissed(effects, 1, null, NEW_FACTS, { spec: { passes: [] }, now: T });
    expect(effects.facts).toBeUndefined();
  });
});
