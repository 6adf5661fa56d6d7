import { describe, expect, it } from 'vitest';
import { RequestRate } from './request-rate.js';

describe('requests a second', () => {
  it('are evenly spaced, the first at once', () => {
    const rate = new RequestRate(20);
    const waits = Array.from({ length: 5 }, () => rate.place(10_000, 60_000));
    expect(waits).toEqual([0, 50, 100, 150, 200]);
    expect(rate.place(20_000, 60_000)).toBe(0);
  });

  it('never exceed the rate in any second, and reach it', () => {
    const rate = new RequestRate(20);
    const sent: number[] = [];
    for (let now = 10_000; now < 70_000; now += 10) if (rate.place(now, 0) !== null) sent.push(now);
    for (const start of sent) {
      expect(sent.filter((at) => at >= start && at < start + 1_000).length).toBeLessThanOrEqual(20);
    }
    expect(sent.length).toBeGreaterThanOrEqual(60 * 20 - 20);
  });

  it('gives no place behind the longest wait, and says when there may be one', () => {
    const rate = new RequestRate(1);
    expect(rate.place(10_000, 2_000)).toBe(0);
    expect(rate.place(10_000, 2_000)).toBe(1_000);
    expect(rate.place(10_000, 2_000)).toBe(2_000);
    expect(rate.place(10_000, 2_000)).toBeNull();
    const wait = rate.busyForMs(10_000, 2_000);
    expect(rate.place(10_000 + wait, 2_000)).not.toBeNull();
  });
});
