import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { every, pause, systemClock } from './clock.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('the system clock', () => {
  it('runs again and again until it is ended', () => {
    const run = vi.fn();
    const end = every(systemClock, 100, run);
    vi.advanceTimersByTime(350);
    expect(run).toHaveBeenCalledTimes(3);
    end();
    vi.advanceTimersByTime(350);
    expect(run).toHaveBeenCalledTimes(3);
  });

  it('can be ended from within', () => {
    const run = vi.fn(() => end());
    const end = every(systemClock, 100, run);
    vi.advanceTimersByTime(350);
    expect(run).toHaveBeenCalledTimes(1);
  });

  it('pauses for a while, or until the signal is aborted', async () => {
    const stop = new AbortController();
    const ended: string[] = [];
    void pause(systemClock, 100).then(() => ended.push('over'));
    void pause(systemClock, 1_000, stop.signal).then(() => ended.push('aborted'));
    await vi.advanceTimersByTimeAsync(100);
    stop.abort();
    await vi.advanceTimersByTimeAsync(0);
    expect(ended).toEqual(['over', 'aborted']);
    expect(vi.getTimerCount()).toBe(0);
  });
});
