import { describe, expect, it } from 'vitest';
import { complaintOf } from './test-support/drawn/drawn-run.js';

const FIRST = 51;
const AT_ONCE = 10;

/** Half of the landing set's runs; the others are in the file beside this one, for another core. */
describe('whatever happens, the log converges to what the practices hold', () => {
  /** Found by runs of the slow set. */
  it.each([[149, [8, 10]]])('run %i, steps %j', async (seed, steps) => {
    expect(await complaintOf(seed, steps)).toBeNull();
  });

  for (let from = FIRST; from < FIRST + 50; from += AT_ONCE) {
    it(`drawn runs ${from} to ${from + AT_ONCE - 1}`, { timeout: 60_000 }, async () => {
      for (let seed = from; seed < from + AT_ONCE; seed += 1) expect(await complaintOf(seed)).toBeNull();
    });
  }
});
