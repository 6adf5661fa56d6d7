import { describe, expect, it } from 'vitest';
import type { PassSpec } from '../ports/connector.js';
import { newCursor, type PassCursor } from './model.js';
import { expectedIn, movedOn } from './window-absence.js';

const window = (name: 'near' | 'far'): PassSpec => ({
  name,
  everySeconds: 1,
  reads: 'window',
  cause: 'poll',
  provesAbsence: true,
  firstReading: true,
});
const NEAR = window('near');
const FAR = window('far');
const PASSES = [NEAR, FAR];
const T = 1_795_000_000_000;

const near = (over: Partial<PassCursor>): PassCursor => ({ ...newCursor('near', 0), ...over });
const far = (over: Partial<PassCursor>): PassCursor => ({ ...newCursor('far', 0), ...over });

describe('what a window should have met', () => {
  it('is what it met before, and what moved out of an earlier window before it started', () => {
    const moved = near({
      moved: [
        ['b', T - 1],
        ['late', T + 1],
      ],
    });
    expect(expectedIn(FAR, PASSES, far({ met: ['a'], startedAt: T }), () => moved)).toEqual(['a', 'b']);
  });

  it('is not what moved out of a later one', () => {
    const cursor = near({ met: ['a'], startedAt: T });
    expect(expectedIn(NEAR, PASSES, cursor, () => far({ moved: [['b', T - 1]] }))).toEqual(['a']);
  });
});

describe('what the later windows have to look for', () => {
  const on = (later: PassCursor) => movedOn(NEAR, PASSES, near({ moved: [['a', T]] }), ['b'], T + 9, () => later);

  it('grows by what a run no longer met, and keeps the rest until a later pass has judged it', () => {
    const both = [
      ['a', T],
      ['b', T + 9],
    ];
    expect(on(far({}))).toEqual(both);
    expect(on(far({ startedAt: T - 1 }))).toEqual(both);
    expect(on(far({ startedAt: T + 1, running: true }))).toEqual(both);
    expect(on(far({ startedAt: T + 1 }))).toEqual([['b', T + 9]]);
  });

  it('is nothing where no later window is', () => {
    expect(movedOn(FAR, PASSES, far({}), ['b'], T, () => near({}))).toEqual([]);
  });
});
