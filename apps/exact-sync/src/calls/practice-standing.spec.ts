import type { ExactResource } from '@relay/contracts';
import type { CallContext } from '@relay/sync-engine';
import { systemClock } from '@relay/service-kit';
import { ScriptedHttp, TokenShelf, exactTenant, type ScriptedAnswer } from '@relay/testing';
import { describe, expect, it } from 'vitest';
import { ExactCalls } from './exact-calls.js';
import type { ScopeSource } from '../scopes/granted-scopes.js';
import { grantedBut, grantedCalls } from '../test-support/granted-calls.js';
import { RequestRate } from './request-rate.js';

const tenant = exactTenant();
const call: CallContext = { tenant, work: 'reconcile', signal: new AbortController().signal, timeoutMs: 1_000 };
const names = { header: 'x-continuation-token', member: 'continuationToken' };

interface Vendor {
  record: ScriptedAnswer;
  subscriptions?: ScriptedAnswer | ((index: number) => ScriptedAnswer);
  details?: ScriptedAnswer;
}

function setUp(
  { record, subscriptions = { body: ['UKTEST1'] }, details = { body: {} } }: Vendor,
  scopes: ScopeSource = grantedBut(),
) {
  let now = 1_000_000;
  let listings = 0;
  const http = new ScriptedHttp((request) => {
    now += 10;
    if (request.url.endsWith('/Subscriptions/active')) {
      return typeof subscriptions === 'function' ? subscriptions(listings++) : subscriptions;
    }
    return request.url.endsWith('/details') ? details : record;
  });
  const tokens = new TokenShelf().put('exact:qa/client-1', { value: 'jwt', version: 4 });
  const api = { apiUrl: 'https://api.example', owner: 'exact:qa', scopes: 'practice.get productsubscription.get' };
  const clock = () => now;
  const calls = new ExactCalls(http, tokens, new RequestRate(1_000), api, { ...systemClock, now: clock });
  const practices = grantedCalls(calls, names, clock, scopes);
  const get = (resource: ExactResource = 'patient', at: CallContext = call) =>
    practices.get(at, { resource, segment: 'Patients', recordId: 'a-1' });
  return { http, tokens, get };
}

describe('a call to a practice', () => {
  it('carries the token, the version header and the encoded practice', async () => {
    const { http, get } = setUp({ record: { body: {} } });
    expect((await get()).kind).toBe('success');
    expect(http.requests[0]).toMatchObject({
      url: 'https://api.example/v1/Practices/UKTEST1/Patients/a-1',
      route: '/v1/Practices/{practiceId}/Patients/{id}',
      headers: { authorization: 'Bearer jwt', 'x-api-version': '1.0', accept: 'application/json' },
    });
  });
});

describe('every call', () => {
  it('is a GET whatever is asked for: what is never written is never written twice', async () => {
    // A 403 that nothing settles asks for record, list and details.
    const { http, get } = setUp({ record: { status: 403 } });
    await get();
    expect(http.requests.length).toBeGreaterThanOrEqual(3);
    expect(new Set(http.requests.map(({ method }) => method))).toEqual(new Set(['GET']));
  });
});

describe('a call that must not be made', () => {
  it('is one that a scope is missing for: the scope is named, and others go on', async () => {
    const { http, get } = setUp({ record: { body: {} } }, grantedBut('patient.get', 'patient.list'));
    expect(await get()).toMatchObject({ kind: 'forbidden', reason: 'scope-missing: patient.list' });
    expect(http.requests).toEqual([]);
    expect((await get('appointment')).kind).toBe('success');
  });

  it('is one before it is known what is granted', async () => {
    const { http, get } = setUp({ record: { body: {} } }, { setOf: () => null });
    expect((await get()).kind).toBe('no-token');
    expect(http.requests).toEqual([]);
  });

  it('is one to a practice of the other environment, whose id may be left from another configuration', async () => {
    const { http, get } = setUp({ record: { body: {} } });
    const production = exactTenant({ tenantId: 'exact:production:UKTEST1', environment: 'production' });
    expect(await get('patient', { ...call, tenant: production })).toMatchObject({
      kind: 'forbidden',
      reason: 'other-environment',
    });
    expect(http.requests).toEqual([]);
  });
});

describe('a call with the token of its own scope set', () => {
  it('waits for it alone while it is on its way: the resource, not the practice', async () => {
    const { tokens, get } = setUp({ record: { body: {} } });
    tokens.only = 'practice.get productsubscription.get';
    expect(await get()).toMatchObject({ kind: 'throttled', local: true });
    expect((await get('practice')).kind).toBe('success');
    tokens.only = 'another';
    expect((await get()).kind).toBe('no-token');
  });
});

describe('a 401', () => {
  it('is the token’s when the subscription list refuses the same version', async () => {
    const { tokens, get } = setUp({ record: { status: 401 }, subscriptions: { status: 401 } });
    expect(await get()).toMatchObject({ kind: 'unauthorized', tokenVersion: 4 });
    expect(tokens.refusals).toEqual([4]);
    expect((await get()).kind).toBe('no-token');
  });

  it('is the practice’s when the list answers', async () => {
    const { tokens, get } = setUp({ record: { status: 401 } });
    expect(await get()).toMatchObject({ kind: 'unavailable', detail: 'practice-401' });
    expect(tokens.refusals).toEqual([]);
  });

  it('is nobody’s while the list fails', async () => {
    const { tokens, get } = setUp({ record: { status: 401 }, subscriptions: { status: 500 } });
    expect(await get()).toMatchObject({ kind: 'gateway-fault' });
    expect(tokens.refusals).toEqual([]);
  });

  it('asks anew each time: an older list proves nothing about the token now', async () => {
    const { http, get } = setUp({ record: { status: 401 } });
    await get();
    await get();
    expect(http.asked.filter((asked) => asked.endsWith('active'))).toHaveLength(2);
  });

  it('of many practices at once costs few listings', async () => {
    const { http, get } = setUp({ record: { status: 401 }, subscriptions: { status: 401 } });
    const answers = await Promise.all(Array.from({ length: 50 }, () => get()));
    expect(answers.every((answer) => answer.kind === 'unauthorized' || answer.kind === 'no-token')).toBe(true);
    expect(http.asked.filter((asked) => asked.endsWith('active')).length).toBeLessThanOrEqual(2);
  });
});

describe('a 403', () => {
  it('is the subscription’s when the list no longer names the practice', async () => {
    const { get } = setUp({ record: { status: 403 }, subscriptions: { body: ['OTHER'] } });
    expect(await get()).toMatchObject({ kind: 'subscription-doubtful', listed: false });
  });

  it('is a missing scope when the practice is listed and its details answer', async () => {
    expect((await setUp({ record: { status: 403 } }).get()).kind).toBe('forbidden');
  });

  it('is the subscription’s when the details are refused as well', async () => {
    const { get } = setUp({ record: { status: 403 }, details: { status: 403 } });
    expect(await get()).toMatchObject({ kind: 'subscription-doubtful', listed: true });
    expect(await setUp({ record: { status: 403 } }).get('practice')).toMatchObject({ listed: true });
  });

  it('is judged by a listing asked for after it: one from before may still name a practice that has just left', async () => {
    const { get } = setUp({
      record: { status: 403 },
      details: { status: 403 },
      subscriptions: (index) => ({ body: index === 0 ? ['UKTEST1'] : ['OTHER'] }),
    });
    expect(await get()).toMatchObject({ kind: 'subscription-doubtful', listed: true });
    expect(await get()).toMatchObject({ kind: 'subscription-doubtful', listed: false });
  });

  it('stays open while nothing tells', async () => {
    const { get } = setUp({ record: { status: 403 }, details: { status: 503 } });
    expect((await get()).kind).toBe('unavailable');
  });
});

describe('a 404', () => {
  it('is the record’s when the practice is subscribed', async () => {
    expect((await setUp({ record: { status: 404, body: 'record not found' } }).get()).kind).toBe('missing');
  });

  it('is the practice’s when it is not', async () => {
    const { get } = setUp({ record: { status: 404 }, subscriptions: { body: [] } });
    expect(await get()).toMatchObject({ kind: 'subscription-doubtful', listed: false });
  });

  it('is undecided while the list fails', async () => {
    const { get } = setUp({ record: { status: 404 }, subscriptions: { status: 500 } });
    expect((await get()).kind).toBe('gateway-fault');
  });

  it('needs no second listing within seconds', async () => {
    const { http, get } = setUp({ record: { status: 404 } });
    await get();
    await get();
    expect(http.asked.filter((asked) => asked.endsWith('active'))).toHaveLength(1);
  });

  it('has the token checked when the list refuses it', async () => {
    const { tokens, get } = setUp({ record: { status: 404 }, subscriptions: { status: 401 } });
    expect((await get()).kind).toBe('unauthorized');
    expect(tokens.refusals).toEqual([4]);
  });
});
