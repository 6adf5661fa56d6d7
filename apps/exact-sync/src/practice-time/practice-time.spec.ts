import type { PracticeDetailsValue } from '@relay/contracts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { localTime, startOfDay } from './local-time.js';
import { closedFrom, isOpen } from './opening-hours.js';
import { PracticePlaces } from './practice-places.js';
import { zoneOfCountry } from './zone-of-country.js';

const HOUR = 3_600_000;
const at = (text: string) => Date.parse(text);

describe('the zone of a practice', () => {
  it.each<[string | null, string | null, string | null]>([
    ['GB', null, 'Europe/London'],
    ['united kingdom', null, 'Europe/London'],
    ['IE', null, 'Europe/Dublin'],
    ['NZ', null, 'Pacific/Auckland'],
    ['AU', null, 'Australia/Sydney'],
    ['AU', 'AU-WA', 'Australia/Perth'],
    ['Australia', 'qld', 'Australia/Brisbane'],
    ['XX', null, null],
    [null, null, null],
  ])('%s, %s: %s', (country, subdivision, zone) => {
    expect(zoneOfCountry(country, subdivision)).toBe(zone);
  });
});

describe('days of a zone', () => {
  it.each<[string, string, number]>([
    ['Europe/London', '2027-03-28T12:00:00Z', 23],
    ['Europe/London', '2026-10-25T12:00:00Z', 25],
    ['Europe/London', '2026-11-26T12:00:00Z', 24],
    ['Pacific/Auckland', '2026-09-27T00:00:00Z', 23],
    ['Pacific/Auckland', '2027-04-04T00:00:00Z', 25],
    ['Australia/Sydney', '2026-10-04T02:00:00Z', 23],
    ['Australia/Brisbane', '2026-10-04T02:00:00Z', 24],
    ['Europe/Dublin', '2027-03-28T12:00:00Z', 23],
  ])('%s has on %s a day of %i hours', (zone, instant, hours) => {
    expect(startOfDay(zone, at(instant), 1) - startOfDay(zone, at(instant))).toBe(hours * HOUR);
  });

  it('begin where the date begins, whatever the clocks do', () => {
    const zones = ['Europe/London', 'Pacific/Auckland', 'Australia/Adelaide', 'America/Santiago', 'Asia/Beirut', 'UTC'];
    const instants = fc.integer({ min: at('2020-01-01T00:00:00Z'), max: at('2034-12-31T00:00:00Z') });
    fc.assert(
      fc.property(fc.constantFrom(...zones), instants, fc.integer({ min: -40, max: 40 }), (zone, instant, days) => {
        const { year, month, day } = localTime(zone, instant);
        const wanted = new Date(Date.UTC(year, month - 1, day + days));
        const start = startOfDay(zone, instant, days);
        const date = (time: number) => {
          const local = localTime(zone, time);
          return Date.UTC(local.year, local.month - 1, local.day);
        };
        expect(date(start)).toBe(wanted.getTime());
        expect(date(start - 60_000)).toBeLessThan(wanted.getTime());
      }),
      { numRuns: 300 },
    );
  });
});

describe('opening hours that nobody has learnt yet', () => {
  it('are those of a working week', () => {
    expect([
      isOpen(1, 480),
      isOpen(5, 1_079),
      isOpen(1, 479),
      isOpen(5, 1_080),
      isOpen(0, 600),
      isOpen(6, 600),
    ]).toEqual([true, true, false, false, false, false]);
  });

  it.each<[string, string, string]>([
    ['Europe/London', '2026-11-26T12:00:00Z', '2026-11-26T18:00:00Z'],
    ['Europe/London', '2026-11-26T18:00:00Z', '2026-11-26T18:00:00Z'],
    ['Europe/London', '2026-11-28T12:00:00Z', '2026-11-28T12:00:00Z'],
    // In summer its clock is an hour ahead, also on the Monday after the change.
    ['Europe/London', '2027-03-29T07:00:00Z', '2027-03-29T17:00:00Z'],
    ['Europe/London', '2027-03-29T06:59:00Z', '2027-03-29T06:59:00Z'],
    ['Pacific/Auckland', '2026-09-27T19:00:00Z', '2026-09-28T05:00:00Z'],
  ])('%s at %s may be bothered from %s on', (zone, now, from) => {
    expect(new Date(closedFrom(zone, at(now))).toISOString()).toBe(new Date(at(from)).toISOString());
  });
});

describe('where practices are', () => {
  it('is what their details say, and the usual while nothing is known: those of one zone share their days off', () => {
    const countries: Record<string, [country: string | null, subdivision: string | null]> = {
      a: ['IE', null],
      b: ['AU', 'WA'],
      c: ['Atlantis', null],
    };
    const places = new PracticePlaces({
      of: (tenantId) => {
        const [country, countrySubdivision] = countries[tenantId] ?? [null, null];
        return country === null ? null : ({ country, countrySubdivision } as PracticeDetailsValue);
      },
    });
    expect(places.placeOf('a')).toEqual({ zone: 'Europe/Dublin', group: 'Europe/Dublin' });
    expect(places.placeOf('b')).toEqual({ zone: 'Australia/Perth', group: 'Australia/Perth' });
    expect(places.placeOf('c').zone).toBe('Europe/London');
    expect(places.placeOf('d').zone).toBe('Europe/London');
  });
});
