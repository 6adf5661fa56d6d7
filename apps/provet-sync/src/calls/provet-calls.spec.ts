import { systemClock } from '@relay/service-kit';
import type { CallContext } from '@relay/sync-engine';
import { ScriptedHttp, TokenShelf, provetTenant, type Script } from '@relay/testing';
import { describe, expect, it } from 'vitest';
import { HostCeiling } from './host-ceiling.js';
import { ProvetCalls, type ProvetRequest } from './provet-calls.js';
import { TenantBudgets } from './tenant-budgets.js';

const tenant = provetTenant();
const request: ProvetRequest = {
  method: 'GET',
  path: 'client/12/',
  route: 'client/{id}/',
  budget: { endpoint: 'client', operation: 'read', limit: 60, weight: 1 },
};

function setUp(script: Script, share = 0, ceiling = 0) {
  const http = new ScriptedHttp(script);
  const tokens = new TokenShelf().put(tenant.credentialId as string, { value: 'token-5', version: 5 });
  let now = 1_000_000;
  const calls = new ProvetCalls(
    http,
    tokens,
    new TenantBudgets(share),
    { ...systemClock, now: () => now },
    new HostCeiling(ceiling),
  );
  const pass = (ms: number) => void (now += ms);
  return { http, tokens, calls, pass };
}

function context(over: Partial<CallContext> = {}): CallContext {
  return { tenant, work: 'reconcile', signal: new AbortController().signal, timeoutMs: 4_000, ...over };
}

describe('a call to Provet', () => {
  it('carries token, accept header and slash, and names the route without ids', async () => {
    const { http, calls } = setUp(() => ({ body: { id: 12 } }));
    expect((await calls.send(context(), request)).kind).toBe('success');
    expect(http.requests[0]).toMatchObject({
      url: 'https://vet.example.com/17/api/0.1/client/12/',
      route: '/{provet_id}/api/0.1/client/{id}/',
      headers: { authorization: 'Bearer token-5', accept: 'application/json' },
      timeoutMs: 4_000,
    });
  });

  it('leaves at once when it is not the tenant’s turn at its host, and spends nothing of the tenant’s', async () => {
    const { http, calls, pass } = setUp(() => ({ body: { id: 12 } }), 1, 1);
    // The second minute of a tenant: its own budget is known.
    await calls.send(context(), { ...request, budget: { ...request.budget, limit: 3 } });
    pass(120_000);
    const one = { ...request, budget: { ...request.budget, limit: 3 } };
    expect((await calls.send(context(), one)).kind).toBe('success');
    for (let call = 0; call < 5; call += 1) {
      const answer = await calls.send(context(), one);
      expect(answer).toMatchObject({ kind: 'throttled', local: true });
      expect((answer as { retryAfterMs: number }).retryAfterMs).toBeLessThanOrEqual(1_001);
    }
    pass(1_001);
    expect((await calls.send(context(), one)).kind).toBe('success');
    expect(http.requests.length).toBeGreaterThanOrEqual(2);
  });

  it('makes no call without a token', async () => {
    const { http, calls } = setUp(() => ({}));
    const other = provetTenant({ credentialId: 'provet:vet.example.com:17/unknown' });
    expect((await calls.send(context({ tenant: other }), request)).kind).toBe('no-token');
    expect((await calls.send(context({ tenant: provetTenant({ credentialId: null }) }), request)).kind).toBe(
      'no-token',
    );
    expect(http.requests).toEqual([]);
  });

  it.each([
    ['another host than its id names', { host: 'other.example.com', tenantId: tenant.tenantId }],
    ['another number than its id names', { provetId: 18, tenantId: tenant.tenantId }],
    ['a host that is more than one', { host: 'vet.example.com/18/?' }],
    ['a user before its host', { host: 'vet.example.com@evil.example' }],
    ["another tenant's credential", { credentialId: 'provet:vet.example.com:18/client-1' }],
  ])('makes no call for a tenant with %s', async (_what, over) => {
    const { http, tokens, calls } = setUp(() => ({}));
    const odd = provetTenant({ credentialId: tenant.credentialId, ...over });
    tokens.put(odd.credentialId as string, { value: 'token-6', version: 6 });
    const answer = await calls.send(context({ tenant: odd }), request);
    expect(answer).toMatchObject({ kind: 'record-fault', detail: 'tenant-without-address' });
    expect(http.requests).toEqual([]);
  });

  it('tells the broker which version was refused', async () => {
    const { tokens, calls } = setUp(() => ({ status: 401 }));
    expect(await calls.send(context(), request)).toMatchObject({ kind: 'unauthorized', tokenVersion: 5 });
    expect(tokens.refusals).toEqual([5]);
    expect((await calls.send(context(), request)).kind).toBe('no-token');
  });

  it('makes no call beyond the budget, and says when to come again', async () => {
    const { http, calls } = setUp(() => ({ body: {} }), 1);
    let made = 0;
    while ((await calls.send(context(), request)).kind === 'success') made += 1;
    expect(made).toBe(57);
    expect(http.requests).toHaveLength(57);
    expect((await calls.send(context({ work: 'live' }), request)).kind).toBe('success');
  });

  it('keeps still for as long as a 429 says', async () => {
    const { calls } = setUp(
      (_request, index) => (index === 0 ? { status: 429, headers: { 'retry-after': '5' } } : { body: {} }),
      1,
    );
    expect(await calls.send(context(), request)).toMatchObject({
      kind: 'throttled',
      local: false,
      retryAfterMs: 5_000,
    });
    const answer = await calls.send(context(), request);
    expect(answer).toMatchObject({ kind: 'throttled', local: true });
    expect(answer.kind === 'throttled' && answer.retryAfterMs >= 5_000).toBe(true);
  });
});
