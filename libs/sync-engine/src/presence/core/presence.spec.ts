import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NEW_HOURS, allowedSilence, heard, silent, type Hours } from './hours.js';
import { offsetAt } from './local-week.js';
import { presenceOf, probeAt, type Presence } from './presence.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const ZONE = 'Pacific/Auckland';
const LIMITS = { minMs: 1_000, maxMs: 900_000, opens: 9 };
/** Monday midnight in the zone. */
const MONDAY = Date.parse('2026-06-14T12:00Z');

type Opening = (day: number, minute: number) => boolean;
/** Workdays from eight to six. */
const office: Opening = (day, minute) => day % 7 < 5 && minute >= 480 && minute < 1080;

interface Run {
  readonly hours: Hours;
  readonly now: number;
  /** Standings by the minute, as they would be shown. */
  readonly shown: readonly { readonly at: number; readonly presence: Presence }[];
}

/** Calls it every `everyMs` from an instant on for so many days. */
function live(days: number, opening: Opening, from: Run | null = null, common: (day: number) => boolean = () => false) {
  let hours = from?.hours ?? NEW_HOURS;
  let now = from?.now ?? MONDAY;
  const shown: { at: number; presence: Presence }[] = [];
  const end = now + days * DAY;
  for (; now < end; now += 5 * MINUTE) {
    const local = now + offsetAt(ZONE, now) - (MONDAY + 12 * HOUR);
    const day = Math.floor(local / DAY);
    const isOpen = opening(day, Math.floor((local % DAY) / MINUTE));
    hours = isOpen ? heard(hours, now, ZONE) : silent(hours, now, ZONE, common(day));
    shown.push({ at: now, presence: presenceOf(hours, now, ZONE, common(day)) });
  }
  return { hours, now, shown };
}

const standings = (run: Run): Set<string> => new Set(run.shown.map(({ presence }) => presence.standing));

describe('how a practice stands', () => {
  it('is not known before its hours are learnt, and never an alert in its first days', () => {
    expect([...standings(live(0.3, () => false))]).toEqual(['unknown']);
    expect(standings(live(7, office)).has('broken')).toBe(false);
  });

  it('is sleep in nights and weekends as learnt, with the hour at which it is expected', () => {
    const run = live(7, office, live(14, office));
    expect([...standings(run)].sort()).toEqual(['online', 'sleeping']);
    const saturday = run.shown.find(({ at }) => at >= MONDAY + 14 * DAY + 5.5 * DAY);
    expect(saturday?.presence).toMatchObject({ standing: 'sleeping', expectedAt: MONDAY + 21 * DAY + 8 * HOUR });
  });

  it('is late, then broken when it lasts for longer than it ever did, until it answers', () => {
    const learnt = live(15, office);
    const run = live(1, (day, minute) => office(day, minute) && minute > 840, learnt);
    const at = (minutes: number) => run.shown[minutes / 5]?.presence.standing;
    expect([at(475), at(490), at(565), at(580), at(840), at(850)]).toEqual([
      'sleeping',
      'late',
      'late',
      'broken',
      'broken',
      'online',
    ]);
    // Somebody was told after an hour and a half, so it may last a little longer next time; after some months that is forgotten.
    expect(allowedSilence(run.hours, run.now) / HOUR).toBeCloseTo(2.25, 1);
    expect(allowedSilence(run.hours, run.now + 200 * DAY)).toBe(1.5 * HOUR);
  });

  it('may be late for as long as it ever was', () => {
    const lazy: Opening = (day, minute) => office(day, minute) && (day % 7 !== 2 || minute >= 535);
    const learnt = live(21, lazy, live(14, office));
    expect(standings(live(7, lazy, learnt)).has('broken')).toBe(false);
  });

  it('is no later in the morning for having left early in the evening', () => {
    const learnt = live(14, office);
    const evening = live(1, (day, minute) => office(day, minute) && minute < 1020, learnt);
    const morning = live(0.5, (day, minute) => office(day, minute) && minute >= 535, evening);
    expect(standings(morning).has('broken')).toBe(false);
    expect(standings(morning).has('late')).toBe(true);
  });

  it('stays broken over night: it did not come back', () => {
    const run = live(2, () => false, live(14, office));
    expect(run.shown.at(-1)?.presence.standing).toBe('broken');
  });

  it('is sleep on a day off of many, of which nothing is learnt', () => {
    const learnt = live(14, office);
    const off = live(
      1,
      () => false,
      learnt,
      () => true,
    );
    expect([...standings(off)]).toEqual(['sleeping']);
    expect(off.shown.some(({ presence }) => presence.dayOff)).toBe(true);
    expect(off.hours.levels).toBe(learnt.hours.levels);
  });

  it('learns other hours within some weeks', () => {
    const afternoons: Opening = (day, minute) => office(day, minute) && minute >= 780;
    const run = live(7, afternoons, live(28, afternoons, live(28, office)));
    expect([...standings(run)].sort()).toEqual(['online', 'sleeping']);
  });

  it('learns nothing from hiccups', () => {
    const learnt = live(14, office);
    const hiccups: Opening = (day, minute) => office(day, minute) && minute % 120 !== 60;
    expect(live(7, hiccups, learnt).hours.levels).toBe(live(7, office, learnt).hours.levels);
  });

  it('takes clocks that change for nothing new', () => {
    const learnt = live(100, office);
    const run = live(7, office, learnt);
    // Auckland put its clocks on in the third of these weeks before.
    expect(standings(run).has('broken')).toBe(false);
    expect(standings(live(14, office, live(99, office))).has('broken')).toBe(false);
  });

  it('is a few hundred bytes', () => {
    expect(JSON.stringify(live(30, office).hours).length).toBeLessThan(600);
  });

  it('holds for any run of answers and silences: plain data, online if and only if the last call was answered', () => {
    const step = fc.record({ pause: fc.integer({ min: 1, max: 2 * DAY }), answered: fc.boolean(), off: fc.boolean() });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), fc.double({ min: 0, max: 1, noNaN: true }), (steps, roll) => {
        let hours = NEW_HOURS;
        let now = MONDAY;
        for (const { pause, answered, off } of steps) {
          now += pause;
          hours = answered ? heard(hours, now, ZONE) : silent(hours, now, ZONE, off);
          const presence = presenceOf(hours, now, ZONE, off);
          expect(hours.levels).toHaveLength(336);
          expect(JSON.parse(JSON.stringify(hours))).toEqual(hours);
          expect(presence.standing === 'online').toBe(answered);
          expect(hours.openSilenceMs).toBeLessThanOrEqual(now - (hours.silentSince ?? now));
          const next = probeAt(presence, now, LIMITS, () => roll);
          expect(next).toBeGreaterThanOrEqual(now);
          expect(next - now).toBeLessThanOrEqual(2.5 * LIMITS.maxMs);
        }
      }),
    );
  });
});

describe('a practice whose hours are not learnt yet', () => {
  const NEVER: Opening = () => false;
  const ALWAYS: Opening = () => true;
  /** When it was first said to be broken, in hours after Monday's midnight. */
  const toldAt = (run: Run): number | null => {
    const told = run.shown.find(({ presence }) => presence.standing === 'broken');
    return told === undefined ? null : (told.at - MONDAY) / HOUR;
  };

  it('is taken for one that works from nine to five: somebody is told of three hours of silence in that', () => {
    expect(toldAt(live(0.49, NEVER))).toBeNull();
    expect(toldAt(live(1, NEVER))).toBeCloseTo(12, 0);
  });

  it('is taken to work on as on the only workday that was seen', () => {
    const monday = live(1, office);
    expect(toldAt(live(0.4, NEVER, monday))).toBeNull();
    expect(toldAt(live(1, NEVER, monday))).toBeCloseTo(24 + 8 + 3, 0);
    expect(standings(live(1, (day, minute) => office(day, minute) && minute > 630, monday)).has('broken')).toBe(false);
  });

  it('is not missed on a Saturday, but where it was never seen asleep', () => {
    expect(toldAt(live(2, NEVER, live(5, office)))).toBeNull();
    expect(toldAt(live(2, NEVER, live(5, ALWAYS)))).toBeCloseTo(5 * 24 + 3, 0);
  });

  it('is told of once for a weekday on which it is always closed', () => {
    const fourDays: Opening = (day, minute) => office(day, minute) && day % 7 !== 2;
    const first = live(7, fourDays);
    expect(toldAt(first)).toBeCloseTo(2 * 24 + 8 + 1.5, 0);
    expect(standings(live(21, fourDays, first)).has('broken')).toBe(false);
  });

  it('is not told of on a day off of many, of whose hours nothing is learnt', () => {
    const off = live(
      7,
      (day, minute) => office(day, minute) && day !== 2,
      null,
      (day) => day === 2,
    );
    expect(toldAt(off)).toBeNull();
    const wednesday = off.hours.levels.slice(2 * 48, 3 * 48);
    expect(wednesday.slice(16, 36)).toBe('-'.repeat(20));
  });
});

describe('when a practice is asked again', () => {
  const at = (hours: Hours, now: number): number =>
    (probeAt(presenceOf(hours, now, ZONE, false), now, LIMITS, () => 0.5) - now) / MINUTE;

  it('is rarely at night, and every two minutes around its opening', () => {
    const { hours } = live(1 / 12, () => false, live(14, office));
    const opening = MONDAY + 14 * DAY + 8 * HOUR;
    expect(at(hours, opening - 6 * HOUR)).toBe(30);
    expect(at(hours, opening - 20 * MINUTE)).toBe(2);
    expect(at(hours, opening + 20 * MINUTE)).toBe(2);
  });

  it('is not all at once: pauses differ', () => {
    const { hours } = live(1 / 12, () => false, live(14, office));
    const opening = MONDAY + 14 * DAY + 8 * HOUR;
    const presence = presenceOf(hours, opening - 50 * MINUTE, ZONE, false);
    const ends = [0, 0.5, 0.99].map((roll) => probeAt(presence, opening - 50 * MINUTE, LIMITS, () => roll));
    expect(new Set(ends).size).toBe(3);
  });
});
