import { expect, it } from 'vitest';
import { UseBounds } from './use-bounds.js';

const HOUR_MS = 3_600_000;
const times = (bounds: UseBounds, count: number, now = 0) =>
  Array.from({ length: count }, () => bounds.admit('t', 'token-requested', now));

it('lets through what a tenant honestly needs, and counts the rest', () => {
  const bounds = new UseBounds();
  expect(times(bounds, 60)).toEqual(Array.from({ length: 60 }, () => 0));
  expect(times(bounds, 5)).toEqual([null, null, null, null, null]);
  expect(bounds.admit('t', 'token-requested', HOUR_MS)).toBe(5);
  expect(bounds.admit('t', 'token-requested', HOUR_MS)).toBe(0);
});

it('bounds each tenant and each kind of use by itself', () => {
  const bounds = new UseBounds();
  times(bounds, 61);
  expect(bounds.admit('other', 'token-requested', 0)).toBe(0);
  expect(bounds.admit('t', 'consent-begun', 0)).toBe(0);
});

it('tells what was left out even hours later', () => {
  const bounds = new UseBounds();
  times(bounds, 63);
  bounds.admit('other', 'token-requested', 2 * HOUR_MS);
  expect(bounds.admit('t', 'token-requested', 5 * HOUR_MS)).toBe(3);
});
