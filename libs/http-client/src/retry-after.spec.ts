import { expect, it } from 'vitest';
import { retryAfterMs } from './retry-after.js';

const now = Date.parse('2026-03-01T10:00:00Z');

it.each([
  ['30', 30_000],
  ['0', 0],
  ['0.5', 500],
  ['Sun, 01 Mar 2026 10:00:30 GMT', 30_000],
  ['Sun, 01 Mar 2026 09:00:00 GMT', 0],
  ['999999999', 24 * 3_600_000],
  ['soon', null],
  ['', null],
])('reads Retry-After %o as %o ms', (value, expected) => {
  expect(retryAfterMs({ 'retry-after': value }, now)).toBe(expected);
});

it('finds none', () => expect(retryAfterMs({}, now)).toBeNull());
