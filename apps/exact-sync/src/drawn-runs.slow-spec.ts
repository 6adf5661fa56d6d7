import { describe, expect, it } from 'vitest';
import { complaintOf } from './test-support/drawn/drawn-run.js';

/** `17` or `1-500`. */
const [from = 1, to = from] = (process.env['MODEL_SEEDS'] ?? '1-1000').split('-').map(Number);
const asked = process.env['MODEL_STEPS'];
const steps = asked === undefined ? null : asked === 'none' ? [] : asked.split(',').map(Number);
const AT_ONCE = 100;

describe('whatever happens, the log converges to what the practices hold', () => {
  for (let first = from; first <= to; first += AT_ONCE) {
    const last = Math.min(to, first + AT_ONCE - 1);
    it(`drawn runs ${first} to ${last}`, { timeout: 600_000 }, async () => {
      for (let seed = first; seed <= last; seed += 1) expect(await complaintOf(seed, steps)).toBeNull();
    });
  }
});
