import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkNoGrantIsLost, checkNoLoop } from '../test-support/grant-checks.js';
import { GrantModel, turns } from '../test-support/grant-model.js';

const RUNS = 5000;

describe('processes that refresh one consent, in any order of their steps', () => {
  it('never spend a refresh token twice, and never lose the newest one', () => {
    checkNoGrantIsLost(RUNS, true);
  });

  it('do so without the comparison of versions: that is what it is for', () => {
    expect(() => checkNoGrantIsLost(RUNS, false)).toThrow(/Property failed/);
  });

  it('send a refresh token twice at most, whatever is lost on the way, and end with a pair or with a person', () => {
    checkNoLoop(RUNS);
  });

  it('are really put in many orders: some refresh often, some wait for each other', () => {
    const versions = fc.sample(turns(['fine'], 120), 50).map((all) => {
      const model = new GrantModel(3, true);
      for (const turn of all) model.turn(turn);
      return model.row.state.version;
    });
    expect(Math.max(...versions)).toBeGreaterThan(3);
  });
});
