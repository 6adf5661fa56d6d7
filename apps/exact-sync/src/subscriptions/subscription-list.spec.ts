import { ScriptedHttp, TokenShelf, type Script } from '@relay/testing';
import { describe, expect, it } from 'vitest';
import { ExactCalls } from '../calls/exact-calls.js';
import { RequestRate } from '../calls/request-rate.js';
import { listSubscriptions } from './subscription-list.js';

const names = { header: 'x-continuation-token', member: 'continuationToken' };

function list(script: Script) {
  const http = new ScriptedHttp(script);
  const tokens = new TokenShelf().put('exact:qa/c', { value: 'jwt', version: 2 });
  const calls = new ExactCalls(http, tokens, new RequestRate(1_000), {
    apiUrl: 'https://api.example',
    owner: 'exact:qa',
    scopes: 's',
  });
  const call = { signal: new AbortController().signal, timeoutMs: 1_000 };
  return { http, answer: listSubscriptions(calls, names, call, () => 77) };
}

describe('the subscription list', () => {
  it('is one whole answer, seen when it was asked for', async () => {
    expect(await list(() => ({ body: ['B', 'A', 'B'] })).answer).toEqual({
      kind: 'listed',
      practiceIds: ['B', 'A'],
      observedAt: 77,
    });
    expect(await list(() => ({ body: [] })).answer).toMatchObject({ kind: 'listed', practiceIds: [] });
  });

  it('is read to its end, also over an empty page', async () => {
    const pages = [['A'], [], ['B']];
    const { http, answer } = list((_request, index) => ({
      body: pages[index],
      headers: index < 2 ? { 'x-continuation-token': `t/${index}` } : {},
    }));
    expect(await answer).toMatchObject({ kind: 'listed', practiceIds: ['A', 'B'] });
    expect(http.asked[1]).toBe('GET /v1/Subscriptions/active?continuationToken=t%2F0');
  });

  it('is not half of it', async () => {
    const { answer } = list((_request, index) =>
      index === 0 ? { body: ['A'], headers: { 'x-continuation-token': 't' } } : { status: 503 },
    );
    expect(await answer).toEqual({ kind: 'gateway-fault', detail: 'http-503' });
  });

  it.each([{ body: [1] }, { body: [''] }, { body: 'maintenance' }, { body: { a: 1 } }])(
    'is no other shape: %o',
    async (answer) => {
      expect((await list(() => answer).answer).kind).toBe('gateway-fault');
    },
  );

  it.each([400, 403, 404, 500, 502, 503, 504])('is the gateway’s fault at %i', async (status) => {
    expect(await list(() => ({ status })).answer).toEqual({ kind: 'gateway-fault', detail: `http-${status}` });
  });

  it('tells of a refused token', async () => {
    expect(await list(() => ({ status: 401 })).answer).toMatchObject({ kind: 'token-refused', token: { version: 2 } });
  });
});
