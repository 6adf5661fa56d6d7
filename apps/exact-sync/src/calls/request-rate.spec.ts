import { describe, expect, it } from 'vitest';
import { RequestRate, type RatePlace } from './request-rate.js';

/** Nine in ten of twenty a second are for what may not wait; a millisecond of the second is lost to rounding. */
const SPACING = 1_001 / 18;
let callers = 0;
const urgent = (key = `u-${(callers += 1)}`) => ({ key, urgent: true });
const patient = (key = `p-${(callers += 1)}`) => ({ key, urgent: false });
const waitOf = (place: RatePlace): number | null => (place.kind === 'place' ? place.waitMs : null);

describe('requests a second', () => {
  it('are evenly spaced, the first at once', () => {
    const rate = new RequestRate(20);
    const waits = Array.from({ length: 4 }, () => waitOf(rate.place(10_000, 60_000, urgent())));
    expect(waits).toEqual([0, 1, 2, 3].map((place) => Math.ceil(place * SPACING)));
    expect(waitOf(rate.place(20_000, 60_000, urgent()))).toBe(0);
  });

  it('never exceed the rate in any second, whoever asks, and reach it', () => {
    const rate = new RequestRate(20);
    const sent: number[] = [];
    for (let now = 10_000; now < 70_000; now += 10) {
      for (const caller of [urgent(`u${now}`), patient(`p${now}`)]) {
        const wait = waitOf(rate.place(now, 0, caller));
        if (wait !== null) sent.push(now + wait);
      }
    }
    for (const start of sent) {
      expect(sent.filter((at) => at >= start && at < start + 1_000).length).toBeLessThanOrEqual(20);
    }
  });

  it('are not one too many in a second for being rounded to milliseconds', () => {
    const rate = new RequestRate(500);
    const sent: number[] = [];
    // Instants between milliseconds, as many clocks have them.
    for (let now = 10_000; now < 12_000; now += 0.83) {
      for (const caller of [urgent(`u${now}`), patient(`p${now}`)]) {
        sent.push(now + (waitOf(rate.place(now, 60_000, caller)) ?? Infinity));
      }
    }
    sent.sort((a, b) => a - b);
    const together = sent.filter((at, index) => (sent[index + 500] ?? Infinity) - at < 1_000);
    expect(sent.at(-1)).toBeLessThan(60_000);
    expect(together).toEqual([]);
  });

  it('give whoever must come again a place in the order of their coming, each once', () => {
    const rate = new RequestRate(10);
    const waiting = Array.from({ length: 300 }, (_, i) => ({ caller: urgent(`w${i}`), at: 1_000 }));
    const served: string[] = [];
    let asked = 0;
    while (waiting.length > 0 && asked < 1_000) {
      waiting.sort((a, b) => a.at - b.at);
      const next = waiting.shift() as (typeof waiting)[number];
      asked += 1;
      const place = rate.place(next.at, 2_000, next.caller);
      if (place.kind === 'place') served.push(next.caller.key);
      else waiting.push({ ...next, at: next.at + place.afterMs });
    }
    expect(served).toEqual(Array.from({ length: 300 }, (_, i) => `w${i}`));
    expect(asked).toBeLessThan(2 * 300);
  });

  it('let what may wait go after the others, and never starve it', () => {
    const rate = new RequestRate(20);
    for (let i = 0; i < 1_000; i += 1) rate.place(1_000, 2_000, urgent());
    expect(waitOf(rate.place(1_000, 2_000, patient()))).toBe(0);
    expect(waitOf(rate.place(1_000, 2_000, patient()))).toBe(501);
    expect(rate.place(1_000, 2_000, urgent('late'))).toMatchObject({ kind: 'later' });
  });

  it('are no more when all who were told to come again come late, at the same instant', () => {
    const rate = new RequestRate(20);
    const waiting = Array.from({ length: 500 }, (_, i) => urgent(`w${i}`));
    for (const caller of waiting) rate.place(1_000, 2_000, caller);
    const sent = waiting.map((caller) => waitOf(rate.place(20_000, 60_000, caller))).filter((wait) => wait !== null);
    for (const start of sent) {
      expect(sent.filter((wait) => wait >= start && wait < start + 1_000).length).toBeLessThanOrEqual(20);
    }
  });

  it('forget a place that nobody came for', () => {
    const rate = new RequestRate(1);
    const me = urgent('me');
    for (let i = 0; i < 9; i += 1) rate.place(1_000, 2_000, urgent());
    expect(rate.place(1_000, 2_000, me).kind).toBe('later');
    expect(waitOf(rate.place(200_000, 2_000, me))).toBe(0);
  });
});
