import type { PassRequest } from '@relay/sync-engine';
import { describe, expect, it } from 'vitest';
import { resourceSpecs } from '../catalogue/resource-specs.js';
import { afterPage, halved, readPosition, skipped, startOf, windowQuery, windowsOf, writePosition } from './windows.js';

const DAY = 86_400_000;
const settings = { pastDays: 30, nearDays: 3, futureDays: 365 };
const [appointment] = resourceSpecs(['appointment'], { pollSeconds: 60, farSeconds: 3600, sweepSeconds: 21_600 });
const startedAt = Date.parse('2026-11-26T12:00:30.500Z');
const minute = Date.parse('2026-11-26T12:00:00Z');

function pass(name: 'near' | 'far'): PassRequest {
  const spec = appointment?.passes.find((candidate) => candidate.name === name);
  if (!spec) throw new Error(`no pass ${name}`);
  return { spec, since: null, startedAt, filterHonoured: true };
}

describe('windows of appointments', () => {
  it('are one for the near days', () => {
    expect(windowsOf(pass('near'), settings)).toEqual([[minute - DAY, minute + 3 * DAY]]);
  });

  it('cover all the rest without a gap, and touch the near ones', () => {
    const windows = [...windowsOf(pass('far'), settings), ...windowsOf(pass('near'), settings)].sort(
      (a, b) => a[0] - b[0],
    );
    expect(windows[0]?.[0]).toBe(minute - 30 * DAY);
    expect(windows.at(-1)?.[1]).toBe(minute + 365 * DAY);
    expect(windows.slice(1).map(([from]) => from)).toEqual(windows.slice(0, -1).map(([, to]) => to));
    expect(windows.every(([from, to]) => to - from <= 92 * DAY)).toBe(true);
  });

  it('are none when the near days cover the whole span', () => {
    expect(windowsOf(pass('far'), { pastDays: 1, nearDays: 3, futureDays: 3 })).toEqual([]);
  });

  it('are asked for in strict ISO with Z', () => {
    expect(windowQuery([minute, minute + DAY])).toBe('from=2026-11-26T12%3A00%3A00Z&to=2026-11-27T12%3A00%3A00Z');
  });
});

describe('a place in the windows', () => {
  const far = startOf(pass('far'), settings);

  it('goes through the pages of a window, then to the next, to the end', () => {
    const within = afterPage(far, 'token');
    expect(within).toEqual({ ...far, continuation: 'token' });
    let at: typeof within = within;
    for (let seen = 0; at !== null; seen++) {
      expect(seen).toBeLessThan(far.left.length);
      at = afterPage(at, null);
    }
  });

  it('survives being written down', () => {
    const at = { ...far, continuation: 'a"b', skippedMs: 5 };
    expect(readPosition(writePosition(at))).toEqual(at);
    for (const text of ['', '{}', '{"left":[]}', '{"left":[[1]]}', 'null', '[[1,2]]'])
      expect(readPosition(text)).toBeNull();
  });

  it('halves its window from the beginning, down to a day', () => {
    const near = startOf(pass('near'), settings);
    const halves = halved({ ...near, continuation: 'token' });
    expect(halves).toMatchObject({
      left: [
        [minute - DAY, minute + DAY],
        [minute + DAY, minute + 3 * DAY],
      ],
      continuation: null,
    });
    expect(halved({ left: [[0, DAY]], continuation: null, skippedMs: 0 })).toBeNull();
  });

  it('leaves out up to half of the pass', () => {
    const all = [[0, 4 * DAY]] as const;
    const at = (skippedMs: number) =>
      ({
        left: [
          [0, DAY],
          [DAY, 2 * DAY],
        ],
        continuation: null,
        skippedMs,
      }) as const;
    expect(skipped(at(DAY), all)).toEqual({
      next: { left: [[DAY, 2 * DAY]], continuation: null, skippedMs: 2 * DAY },
      tooMuch: false,
    });
    expect(skipped(at(2 * DAY), all).tooMuch).toBe(true);
  });
});
