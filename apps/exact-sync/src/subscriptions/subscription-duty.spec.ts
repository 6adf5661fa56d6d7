import type { SubscriptionListValue } from '@relay/contracts';
import type { ShardHandle } from '@relay/sync-engine';
import { ScriptedHttp, TokenShelf, type Script } from '@relay/testing';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { ExactCalls } from '../calls/exact-calls.js';
import { RequestRate } from '../calls/request-rate.js';
import { SubscriptionDuty } from './subscription-duty.js';

const silent = { info: () => undefined, warn: () => undefined };
const running: AbortController[] = [];
afterEach(() => {
  for (const controller of running.splice(0)) controller.abort();
});

function start(script: Script, owns = true, publish?: (value: SubscriptionListValue) => Promise<void>) {
  const http = new ScriptedHttp(script);
  const tokens = new TokenShelf().put('exact:qa/c', { value: 'jwt', version: 2 });
  const api = { apiUrl: 'https://api.example', owner: 'exact:qa', scopes: 's' };
  const published: SubscriptionListValue[] = [];
  const duty = new SubscriptionDuty({
    environment: 'qa',
    calls: new ExactCalls(http, tokens, new RequestRate(1_000), api),
    continuation: { header: 'x-continuation-token', member: 'continuationToken' },
    everySeconds: 0.02,
    attemptTimeoutMs: 1_000,
    backoffMinMs: 5,
    backoffMaxMs: 10,
    log: silent,
    publish: publish ?? ((value) => Promise.resolve(void published.push(value))),
  });
  const controller = new AbortController();
  running.push(controller);
  const shard: ShardHandle = {
    shard: 1,
    epoch: 1,
    signal: controller.signal,
    owns: (id) => owns && id === 'exact:qa',
    tenants: () => [],
  };
  duty.start(shard);
  return { http, tokens, published, controller };
}

describe('listing subscriptions', () => {
  it('publishes each whole answer, again and again', async () => {
    const { published } = start(() => ({ body: ['A'] }));
    await vi.waitFor(() => expect(published.length).toBeGreaterThanOrEqual(3));
    expect(published[0]).toMatchObject({ environment: 'qa', practiceIds: ['A'] });
  });

  it('is the work of the process that holds the environment’s shard', async () => {
    const other = start(() => ({ body: ['A'] }), false);
    const owner = start(() => ({ body: ['A'] }));
    await vi.waitFor(() => expect(owner.published.length).toBeGreaterThanOrEqual(2));
    expect(other.http.requests).toEqual([]);
  });

  it('publishes nothing after a failure, and goes on', async () => {
    const { published, http } = start((_request, index) => (index < 3 ? { status: 500 } : { body: ['A'] }));
    await vi.waitFor(() => expect(published.length).toBeGreaterThanOrEqual(1));
    expect(http.requests.length).toBeGreaterThanOrEqual(4);
    expect(published.every((value) => value.practiceIds.length === 1)).toBe(true);
  });

  it('tells the broker of a refused token', async () => {
    const { tokens, published } = start(() => ({ status: 401 }));
    await vi.waitFor(() => expect(tokens.refusals).toEqual([2]));
    expect(published).toEqual([]);
  });

  it('goes on when Kafka did not take one', async () => {
    let tries = 0;
    start(
      () => ({ body: ['A'] }),
      true,
      () => {
        tries += 1;
        return Promise.reject(new Error('no broker'));
      },
    );
    await vi.waitFor(() => expect(tries).toBeGreaterThanOrEqual(3));
  });

  it('ends with the shard', async () => {
    const { published, http, controller } = start(() => ({ body: ['A'] }));
    await vi.waitFor(() => expect(published.length).toBeGreaterThanOrEqual(1));
    controller.abort();
    const asked = http.requests.length;
    const other = start(() => ({ body: ['A'] }));
    await vi.waitFor(() => expect(other.published.length).toBeGreaterThanOrEqual(3));
    expect(http.requests.length).toBeLessThanOrEqual(asked + 1);
  });
});
