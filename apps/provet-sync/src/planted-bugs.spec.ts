import { describe, expect, it } from 'vitest';
import { drawnRun } from './test-support/model/drawn-run.js';
import { PLANTED_BUGS } from './test-support/model/planted-bugs.js';

const LANDING_SET = 200;

/** Runs that have found each before; when the draw changes, the search goes on from the first. */
const KNOWN: Record<keyof typeof PLANTED_BUGS, readonly number[]> = {
  'no fence': [6, 20],
  'no dirty flag': [43, 46],
  'send before commit': [5, 6],
  '403 as 404': [17, 51],
  'watermark past the overlap': [2, 3],
  'read-back ahead of the database': [85, 102, 115],
  'repeats as news': [],
};

describe('a bug that was planted is found by the runs of the landing set', () => {
  const bugs = Object.keys(PLANTED_BUGS) as (keyof typeof PLANTED_BUGS)[];
  it.each(bugs)('%s', { timeout: 120_000 }, async (name) => {
    const seeds = new Set([...KNOWN[name], ...Array.from({ length: LANDING_SET }, (_, at) => at + 1)]);
    let found: readonly string[] = [];
    for (const seed of seeds) {
      found = await drawnRun(seed, null, PLANTED_BUGS[name]());
      if (found.length > 0) break;
    }
    expect(found).not.toEqual([]);
  });
});
