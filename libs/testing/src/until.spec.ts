import { describe, expect, it } from 'vitest';
import { GiveUp, until } from './until.js';

describe('until', () => {
  it('returns the first answer that is something', async () => {
    const answers = [null, 0, '', undefined, false, { found: true }];
    await expect(until('an answer', () => answers.shift(), { everyMs: 1 })).resolves.toEqual({ found: true });
  });

  it('takes an error for not yet', async () => {
    let looks = 0;
    const look = () => {
      looks += 1;
      if (looks < 3) throw new Error('not yet');
      return looks;
    };
    await expect(until('the third look', look, { everyMs: 1 })).resolves.toBe(3);
  });

  it('names what it waited for, and the last answer, when time is out', async () => {
    const look = () => {
      throw new Error('port closed');
    };
    await expect(until('the gateway is up', look, { timeoutMs: 5, everyMs: 1 })).rejects.toThrow(
      /the gateway is up .*port closed/,
    );
  });

  it('stops at once when waiting is of no use', async () => {
    const look = () => {
      throw new GiveUp('it ended');
    };
    await expect(until('it is up', look, { timeoutMs: 60_000 })).rejects.toThrow('it ended');
  });
});
