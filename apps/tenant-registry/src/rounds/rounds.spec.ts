import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Rounds } from './rounds.js';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
});
afterEach(() => {
  vi.useRealTimers();
});

function setUp() {
  const begun: PromiseWithResolvers<void>[] = [];
  const warnings: unknown[] = [];
  const rounds = new Rounds({
    everyMs: 1_000,
    work: () => {
      const round = Promise.withResolvers<void>();
      begun.push(round);
      return round.promise;
    },
    log: { warn: (_fields, message) => void warnings.push(message) },
    failure: 'cannot be done now',
  });
  return { begun, warnings, rounds };
}

describe('rounds', () => {
  it('begin at once, and never two at a time', async () => {
    const { begun, rounds } = setUp();
    rounds.start();
    vi.advanceTimersByTime(3_000);
    expect(begun).toHaveLength(1);
    begun[0]?.resolve();
    await turn();
    vi.advanceTimersByTime(1_000);
    expect(begun).toHaveLength(2);
    begun[1]?.resolve();
    await rounds.stop();
  });

  it('go on after one that failed', async () => {
    const { begun, warnings, rounds } = setUp();
    rounds.start();
    begun[0]?.reject(new Error('the database is away'));
    await turn();
    expect(warnings).toEqual(['cannot be done now']);
    vi.advanceTimersByTime(1_000);
    expect(begun).toHaveLength(2);
    begun[1]?.resolve();
    await rounds.stop();
  });

  it('end once the last one has', async () => {
    const { begun, rounds } = setUp();
    rounds.start();
    let hasStopped = false;
    const stopped = rounds.stop().then(() => (hasStopped = true));
    await turn();
    expect(hasStopped).toBe(false);
    begun[0]?.resolve();
    await stopped;
    vi.advanceTimersByTime(5_000);
    expect(begun).toHaveLength(1);
  });
});
