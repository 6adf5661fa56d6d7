import { describe, expect, it } from 'vitest';
import { RequestRate } from './request-rate.js';

describe('requests a second', () => {
  it('lets one second’s worth through at once, then spreads the rest', () => {
    const rate = new RequestRate(20);
    const waits = Array.from({ length: 40 }, () => rate.place(10_000, 60_000) as number);
    expect(waits.slice(0, 20)).toEqual(Array.from({ length: 20 }, () => 0));
    expect(waits[20]).toBe(50);
    expect(waits[39]).toBe(1_000);
  });

  it('never exceeds twice the rate in any second, nor the rate over a minute', () => {
    const rate = new RequestRate(20);
    const sent: number[] = [];
    for (let now = 10_000; now < 70_000; now += 10) {
      const wait = rate.place(now, 0);
      if (wait !== null) sent.push(now);
    }
    expect(sent.length).toBeLessThanOrEqual(60 * 20 + 20);
    expect(sent.length).toBeGreaterThan(60 * 20 - 40);
    for (const start of sent) {
      expect(sent.filter((at) => at >= start && at < start + 1_000).length).toBeLessThanOrEqual(40);
    }
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
