import * as fc from 'fast-check';
import { expect, it, vi } from 'vitest';
import { SecondWindow } from './second-window.js';

const { signal } = new AbortController();

/** Requests that are under way for the times given, counted by the other side after a part of that time. */
async function counted(most: number, calls: readonly { readonly takesMs: number; readonly countedAt: number }[]) {
  const window = new SecondWindow(() => Date.now());
  const times: number[] = [];
  const ends = calls.map(async ({ takesMs, countedAt }) => {
    await window.enter(most, signal);
    const sent = Date.now();
    times.push(sent + takesMs * countedAt);
    await new Promise((resolve) => setTimeout(resolve, takesMs));
    window.answered();
  });
  await vi.runAllTimersAsync();
  await Promise.all(ends);
  return times.toSorted((one, other) => one - other);
}

it('leaves no second with too many, wherever between sending and answer each is counted', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] });
  const call = fc.record({ takesMs: fc.nat({ max: 2_000 }), countedAt: fc.double({ min: 0, max: 1, noNaN: true }) });
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 5 }), fc.array(call, { maxLength: 30 }), async (most, calls) => {
      const times = await counted(most, calls);
      expect(times).toHaveLength(calls.length);
      for (const from of times) {
        expect(times.filter((at) => at >= from && at < from + 1000).length).toBeLessThanOrEqual(most);
      }
    }),
  );
  vi.useRealTimers();
});

it('lets who does not wish any more go, and those behind keep their places', async () => {
  const window = new SecondWindow();
  await window.enter(1, signal);
  await window.enter(1, AbortSignal.abort());
  window.answered();
  window.answered();
  const next = window.enter(3, signal);
  await expect(next).resolves.toBeUndefined();
});
