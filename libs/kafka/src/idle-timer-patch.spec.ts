import { createRequire } from 'node:module';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { PATCHED_KAFKAJS, patchIdleTimer } from './idle-timer-patch.js';
import { silentLog } from './ports.js';

interface Queue {
  throttledUntil: number;
  push(request: object): void;
  fulfillRequest(answer: object): void;
}

const load = createRequire(import.meta.url);

function queue(): { queue: Queue; sent: number[] } {
  const RequestQueue = load('kafkajs/src/network/requestQueue') as new (options: object) => Queue;
  const logger = { debug() {}, warn() {} };
  const options = { maxInFlightRequests: 1, requestTimeout: 1000, enforceRequestTimeout: false, logger };
  return { queue: new RequestQueue(options), sent: [] };
}

function request(id: number, sent: number[]): object {
  const entry = { correlationId: id, resolve() {}, reject() {} };
  return { entry, expectResponse: true, sendRequest: () => sent.push(id) };
}

describe('the patch of the idle timer', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('is made for the version that is installed', () => {
    expect((load('kafkajs/package.json') as { version: string }).version).toBe(PATCHED_KAFKAJS);
    expect(patchIdleTimer(silentLog)).toBe(true);
  });

  it('leaves no timer behind when nothing waits, and still sends what waits', () => {
    patchIdleTimer(silentLog);
    const { queue: q, sent } = queue();
    q.push(request(1, sent));
    q.push(request(2, sent));
    expect(sent).toEqual([1]);
    q.fulfillRequest({ correlationId: 1, size: 0, payload: null });
    expect(sent).toEqual([1, 2]);
    q.fulfillRequest({ correlationId: 2, size: 0, payload: null });
    vi.advanceTimersByTime(100);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('sends throttled requests when the throttle ends', () => {
    patchIdleTimer(silentLog);
    const { queue: q, sent } = queue();
    q.throttledUntil = Date.now() + 500;
    q.push(request(1, sent));
    vi.advanceTimersByTime(490);
    expect(sent).toEqual([]);
    vi.advanceTimersByTime(30);
    expect(sent).toEqual([1]);
  });

  it('leaves another version alone and says so', () => {
    const warnings: string[] = [];
    const loaded: string[] = [];
    const other = (path: string) => {
      loaded.push(path);
      return { version: '9.9.9' };
    };
    expect(patchIdleTimer({ ...silentLog, warn: (_, message) => void warnings.push(message) }, other)).toBe(false);
    expect(loaded).toEqual(['kafkajs/package.json']);
    expect(warnings).toHaveLength(1);
  });
});
