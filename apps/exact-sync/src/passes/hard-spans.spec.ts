import { describe, expect, it } from 'vitest';
import { HardSpans } from './hard-spans.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

describe('spans that could not be read', () => {
  it('are left out until it is time to try them, each time twice as long', () => {
    const hard = new HardSpans();
    hard.failed('a', [4 * HOUR, 5 * HOUR], false, 0);
    const around = (now: number) => hard.around('a', [[0, DAY]], now);
    expect(around(1)).toEqual({
      windows: [
        [0, 4 * HOUR],
        [5 * HOUR, DAY],
      ],
      leftOutMs: HOUR,
      tooSlow: false,
    });
    const withIt = {
      windows: [
        [0, 4 * HOUR],
        [4 * HOUR, 5 * HOUR],
        [5 * HOUR, DAY],
      ],
      leftOutMs: 0,
      tooSlow: false,
    };
    expect(around(15 * MINUTE)).toEqual(withIt);
    hard.failed('a', [4 * HOUR, 5 * HOUR], false, 15 * MINUTE);
    expect(around(44 * MINUTE).leftOutMs).toBe(HOUR);
    expect(around(45 * MINUTE)).toEqual(withIt);
    hard.wasRead('a', [4 * HOUR, 5 * HOUR]);
    expect(around(45 * MINUTE).windows).toEqual([[0, DAY]]);
  });

  it('are those of one practice, and say whether it was for want of time', () => {
    const hard = new HardSpans();
    hard.failed('a', [0, DAY], true, 0);
    expect(hard.around('a', [[0, 2 * DAY]], 1)).toEqual({ windows: [[DAY, 2 * DAY]], leftOutMs: DAY, tooSlow: true });
    expect(hard.around('b', [[0, 2 * DAY]], 1).windows).toEqual([[0, 2 * DAY]]);
    // Only in part in the window that is asked for.
    expect(hard.around('a', [[HOUR, 2 * DAY]], 1).leftOutMs).toBe(DAY - HOUR);
  });

  it('keep windows short where long ones take too long, for a day', () => {
    const hard = new HardSpans();
    hard.tooLong('a', 2 * DAY, 0);
    const parts = [
      [0, 2 * DAY],
      [2 * DAY, 4 * DAY],
      [4 * DAY, 5 * DAY],
    ];
    expect(hard.around('a', [[0, 5 * DAY]], 1).windows).toEqual(parts);
    expect(hard.around('a', [[0, 5 * DAY]], DAY).windows).toEqual([[0, 5 * DAY]]);
  });
});
