import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SLOT_MS, SLOTS_OF_DAY, offsetAt, slotAt, slotOfWeek, slotStart } from './local-week.js';

const HOUR = 3_600_000;
const ZONES = ['Europe/London', 'Pacific/Auckland', 'Australia/Adelaide', 'Asia/Kathmandu', 'UTC'];
const between = { min: Date.parse('2020-01-01T00:00Z'), max: Date.parse('2030-01-01T00:00Z') };

describe('a week in a zone of its own', () => {
  it('begins with Monday at midnight there', () => {
    const monday = Date.parse('2026-11-22T11:00Z');
    expect(slotOfWeek(slotAt('Pacific/Auckland', monday))).toBe(0);
    expect(slotOfWeek(slotAt('Pacific/Auckland', monday - 1))).toBe(7 * SLOTS_OF_DAY - 1);
  });

  it.each([
    ['Europe/London', '2026-03-29T00:59:59Z', 0, 1],
    ['Europe/London', '2026-10-25T00:59:59Z', 1, 0],
    ['Pacific/Auckland', '2026-04-04T13:59:59Z', 13, 12],
    ['Pacific/Auckland', '2026-09-26T13:59:59Z', 12, 13],
  ])('knows when clocks change: %s at %s', (zone, last, before, after) => {
    const instant = Date.parse(last);
    expect(offsetAt(zone, instant)).toBe(before * HOUR);
    expect(offsetAt(zone, instant + 1_000)).toBe(after * HOUR);
  });

  it('opens at the same time of day before and after clocks change', () => {
    const eight = (day: string): number => slotOfWeek(slotAt('Europe/London', Date.parse(day)));
    expect(eight('2026-03-27T08:00Z') % SLOTS_OF_DAY).toBe(16);
    expect(eight('2026-03-30T07:00Z') % SLOTS_OF_DAY).toBe(16);
  });

  it('finds the beginning of a half hour again, where clocks do not skip or repeat it', () => {
    fc.assert(
      fc.property(fc.constantFrom(...ZONES), fc.integer(between), (zone, instant) => {
        const start = slotStart(zone, slotAt(zone, instant));
        fc.pre(offsetAt(zone, start) === offsetAt(zone, instant + 2 * HOUR));
        fc.pre(offsetAt(zone, start) === offsetAt(zone, instant - 2 * HOUR));
        expect(start).toBeLessThanOrEqual(instant);
        expect(instant - start).toBeLessThan(SLOT_MS);
      }),
    );
  });

  it('takes a zone that nobody knows for UTC', () => {
    expect(offsetAt('Mars/Olympus', 0)).toBe(0);
  });
});
