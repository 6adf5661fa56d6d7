import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Health } from './health.js';

describe('Health', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('is ready only when every check is up, and says which is not', async () => {
    const health = new Health();
    health.register('kafka', () => ({ status: 'up' }));
    let database: 'up' | 'down' = 'down';
    health.register('database', async () => ({ status: database, detail: 'no connection' }));
    expect(await health.ready()).toEqual({
      status: 'down',
      checks: { kafka: { status: 'up' }, database: { status: 'down', detail: 'no connection' } },
    });
    database = 'up';
    expect((await health.ready()).status).toBe('up');
  });

  it('counts a check that throws or hangs as down', async () => {
    const health = new Health();
    health.register('throws', () => {
      throw new Error('broken');
    });
    health.register('hangs', () => new Promise(() => undefined));
    const ready = health.ready();
    await vi.advanceTimersByTimeAsync(5000);
    expect((await ready).checks).toEqual({
      throws: { status: 'down', detail: 'broken' },
      hangs: { status: 'down', detail: 'no answer in time' },
    });
  });

  it('fails liveness and readiness once something has ended for good', async () => {
    const health = new Health();
    expect(health.live().status).toBe('up');
    health.setFatal('consumer crashed');
    health.setFatal('a later reason');
    expect(health.live()).toEqual({ status: 'down', detail: 'consumer crashed' });
    expect((await health.ready()).status).toBe('down');
  });
});
