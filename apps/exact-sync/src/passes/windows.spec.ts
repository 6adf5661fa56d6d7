import type { PassRequest } from '@relay/sync-engine';
import { describe, expect, it } from 'vitest';
import { resourceSpecs } from '../catalogue/resource-specs.js';
import {
  SHORTEST,
  SHORTEST_IN_TIME,
  afterPage,
  begunAgain,
  failedOn,
  halved,
  readPosition,
  skipped,
  startOf,
  windowQuery,
  windowsOf,
  writePosition,
  type Window,
} from './windows.js';

const DAY = 86_400_000;
const settings = { pastDays: 30, nearDays: 3, futureDays: 365 };
const pace = { pollSeconds: 60, farSeconds: 3600, sweepSeconds: 21_600, hasHistory: true };
const [appointment] = resourceSpecs(['appointment'], pace);
const startedAt = Date.parse('2026-11-26T12:00:30.500Z');
const today = Date.parse('2026-11-26T00:00:00Z');
const ZONE = 'Europe/London';

function pass(name: 'near' | 'far' | 'history', at = startedAt): PassRequest {
  const spec = appointment?.passes.find((candidate) => candidate.name === name);
  if (!spec) throw new Error(`no pass ${name}`);
  return { spec, since: null, startedAt: at, filterHonoured: true };
}

const hours = ([from, to]: Window) => (to - from) / 3_600_000;

describe('windows of appointments', () => {
  it('are one for the near days, whole ones', () => {
    expect(windowsOf(pass('near'), settings, ZONE)).toEqual([[today - DAY, today + 4 * DAY]]);
    // The same all day long.
    expect(windowsOf(pass('near', today), settings, ZONE)).toEqual(
      windowsOf(pass('near', today + DAY - 1), settings, ZONE),
    );
  });

  it('cover all the rest without a gap, and touch the near ones', () => {
    const windows = [...windowsOf(pass('far'), settings, ZONE), ...windowsOf(pass('near'), settings, ZONE)].sort(
      (a, b) => a[0] - b[0],
    );
    // By then clocks are an hour ahead neither time.
    expect(windows[0]?.[0]).toBe(today - 30 * DAY);
    expect(windows.at(-1)?.[1]).toBe(today + 366 * DAY);
    expect(windows.slice(1).map(([from]) => from)).toEqual(windows.slice(0, -1).map(([, to]) => to));
    expect(windows.every(([from, to]) => to - from <= 92 * DAY)).toBe(true);
  });

  it('are none when the near days cover the whole span', () => {
    expect(windowsOf(pass('far'), { pastDays: 1, nearDays: 3, futureDays: 3 }, ZONE)).toEqual([]);
  });

  it('of the past lie before all others and begin with the newest', () => {
    const windows = windowsOf(pass('history'), { ...settings, historyDays: 100 }, ZONE);
    // In between clocks were put back: that day begins an hour earlier by UTC.
    expect([windows[0]?.[1], windows.at(-1)?.[0]]).toEqual([today - 30 * DAY, today - 100 * DAY - 3_600_000]);
    expect(windows.slice(1).map(([, to]) => to)).toEqual(windows.slice(0, -1).map(([from]) => from));
    expect(windowsOf(pass('history'), settings, ZONE)).toEqual([]);
  });

  it.each<[string, string, number]>([
    ['Europe/London', '2027-03-28T12:00:00Z', 119],
    ['Europe/London', '2026-10-25T12:00:00Z', 121],
    ['Pacific/Auckland', '2026-09-27T00:00:00Z', 119],
    ['Pacific/Auckland', '2027-04-04T00:00:00Z', 121],
    ['Australia/Brisbane', '2026-10-04T02:00:00Z', 120],
  ])('in %s on %s are five days of %i hours together', (zone, at, length) => {
    const [near] = windowsOf(pass('near', Date.parse(at)), settings, zone);
    expect(near && hours(near)).toBe(length);
  });

  it('are asked for in strict ISO with Z, a second early', () => {
    expect(windowQuery([today, today + DAY])).toBe('from=2026-11-25T23%3A59%3A59Z&to=2026-11-27T00%3A00%3A00Z');
  });
});

describe('a place in the windows', () => {
  const far = startOf(windowsOf(pass('far'), settings, ZONE));
  const near = startOf(windowsOf(pass('near'), settings, ZONE));

  it('goes through the pages of a window, then to the next, to the end', () => {
    const within = afterPage({ ...far, failures: 3 }, 'token');
    expect(within).toEqual({ ...far, continuation: 'token' });
    let at: typeof within = within;
    for (let seen = 0; at !== null; seen++) {
      expect(seen).toBeLessThan(far.left.length);
      at = afterPage(at, null);
    }
  });

  it('survives being written down', () => {
    const at = { ...far, continuation: 'a"b', skippedMs: 5, failures: 2, restarts: 1, tooSlow: true };
    expect(readPosition(writePosition(at))).toEqual(at);
    for (const text of ['', '{}', '{"left":[]}', '{"left":[[1]]}', 'null', '[[1,2]]'])
      expect(readPosition(text)).toBeNull();
  });

  it('halves its window from the beginning, down to the shortest', () => {
    expect(halved({ ...near, continuation: 'token' }, SHORTEST)).toMatchObject({
      left: [
        [today - DAY, today + 1.5 * DAY],
        [today + 1.5 * DAY, today + 4 * DAY],
      ],
      continuation: null,
    });
    expect(halved(startOf([[0, DAY]]), SHORTEST_IN_TIME)).toBeNull();
    expect(halved(startOf([[0, DAY]]), SHORTEST)).not.toBeNull();
    expect(halved(startOf([[0, 2 * SHORTEST - 1]]), SHORTEST)).toBeNull();
  });

  it('begins its window again three times', () => {
    const expired = { ...near, continuation: 'token' };
    expect(begunAgain(expired)).toEqual({ ...near, restarts: 1 });
    expect(begunAgain({ ...expired, restarts: 2 })?.restarts).toBe(3);
    expect(begunAgain({ ...expired, restarts: 3 })).toBeNull();
    expect(afterPage({ ...far, restarts: 3 }, null)?.restarts).toBe(0);
  });

  it('gives up when everything fails', () => {
    expect(failedOn({ ...near, failures: 10 })?.failures).toBe(11);
    expect(failedOn({ ...near, failures: 11 })).toBeNull();
    expect(afterPage({ ...far, failures: 11 }, null)?.failures).toBe(0);
  });

  it('leaves out up to half of the pass', () => {
    const all = [[0, 4 * DAY]] as const;
    const left = [
      [0, DAY],
      [DAY, 2 * DAY],
    ] as const;
    const once = skipped(startOf(left, DAY), all, true);
    expect(once?.next).toEqual({ ...startOf([[DAY, 2 * DAY]], 2 * DAY), tooSlow: true });
    expect(skipped(startOf(left, 2 * DAY), all, false)).toBeNull();
  });
});
