import { describe, expect, it } from 'vitest';
import { practiceZone } from './practice-zone.js';

const summer = '2026-07-01T12:00:00Z';

describe('the zone of a practice', () => {
  it.each([
    ['GB', 'Europe/London', 'GB'],
    [' United Kingdom', 'Europe/London', 'GB'],
    ['nz', 'Pacific/Auckland', 'NZ'],
    ['Ireland', 'Europe/Dublin', 'IE'],
    ['constructor', 'UTC', '?'],
    ['', 'UTC', '?'],
  ])('is that of its country: %s', (country, zone, letters) => {
    expect(practiceZone({ country, observedAt: summer })).toEqual({ zone, country: letters });
  });

  it.each([
    [480, 'Australia/Perth'],
    [570, 'Australia/Adelaide'],
    [600, 'Australia/Sydney'],
    [60, 'Australia/Sydney'],
  ])('is told from others of the country by the offset of a moment: %i', (utcOffsetMinutes, zone) => {
    expect(practiceZone({ country: 'AU', utcOffsetMinutes, observedAt: summer }).zone).toBe(zone);
  });

  it('is not known before anything was read', () => {
    expect(practiceZone(null)).toEqual({ zone: 'UTC', country: '?' });
  });
});
