import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { expiryAt, renewalAt } from './renewal-time.js';

const NOW = Date.UTC(2026, 0, 1);

it('renews between 80 and 90 % of a life', () => {
  const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
  fc.assert(
    fc.property(fc.integer({ min: 10, max: 36_000 }), random, (seconds, r) => {
      const at = renewalAt(NOW, NOW + seconds * 1000, r);
      expect(at).toBeGreaterThanOrEqual(NOW + seconds * 800 - 1);
      expect(at).toBeLessThanOrEqual(NOW + seconds * 900);
    }),
  );
  expect(renewalAt(NOW, NOW + 36_000_000, 0)).not.toBe(renewalAt(NOW, NOW + 36_000_000, 0.9));
});

it('never renews in a loop, however short a life is', () => {
  expect(renewalAt(NOW, NOW + 1, 0.5)).toBe(NOW + 1000);
});

it('renews by day 20, before a refresh token lapses on day 30', () => {
  const day = 24 * 3_600_000;
  expect(renewalAt(NOW, NOW + 30 * day, 0.99)).toBe(NOW + 20 * day);
});

it.each([
  [36_000, 36_000],
  ['36000', 36_000],
  [undefined, 3600],
  [null, 3600],
  [0, 3600],
  [-5, 3600],
  ['soon', 3600],
  ['', 3600],
  [Number.MAX_VALUE, 30 * 24 * 3600],
])('reads expires_in %s as %s seconds', (given, seconds) => {
  expect(expiryAt(NOW, given)).toBe(NOW + seconds * 1000);
});
