import { expect, it } from 'vitest';
import { TokenPace } from './token-pace.js';

it('keeps every second below the rate, whatever has piled up', () => {
  const pace = new TokenPace(50, () => 1);
  const times = Array.from({ length: 500 }, () => 1000 + pace.take('h', 1000));
  for (const from of times)
    expect(times.filter((at) => at >= from && at <= from + 1000).length).toBeLessThanOrEqual(50);
  expect((times.at(-1) as number) - 1000).toBeLessThan(11_000);
});

it('uses its share of the rate, each host having its own', () => {
  const pace = new TokenPace(10, () => 0.5);
  expect(pace.take('a', 0)).toBe(0);
  expect(Math.round(pace.take('a', 0))).toBe(211);
  expect(pace.take('b', 0)).toBe(0);
});

it('saves nothing up while it is idle, and does not wait without a rate', () => {
  const pace = new TokenPace(10, () => 1);
  pace.take('a', 0);
  expect(pace.take('a', 60_000)).toBe(0);
  expect(pace.take('a', 60_000)).toBeGreaterThan(100);
  const free = new TokenPace(0, () => 1);
  free.take('a', 0);
  expect(free.take('a', 0)).toBe(0);
});
