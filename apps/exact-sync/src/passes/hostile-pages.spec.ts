import type { CallContext, PassRequest } from '@relay/sync-engine';
import { ScriptedHttp, TokenShelf, exactTenant, type Script, type ScriptedAnswer } from '@relay/testing';
import { describe, expect, it } from 'vitest';
import { ExactCalls } from '../calls/exact-calls.js';
import { RequestRate } from '../calls/request-rate.js';
import { resourceSpecs } from '../catalogue/resource-specs.js';
import { ExactConnector } from '../exact.connector.js';
import { listSubscriptions } from '../subscriptions/subscription-list.js';
import { grantedBut, grantedCalls } from '../test-support/granted-calls.js';

const API = 'https://api.example';
const HOSTILE = [
  'https://evil.example/v1/Practices/UKTEST1/Patients',
  '//evil.example/',
  '/../../v1/Practices/UKOTHER/Patients',
  '..%2f..%2fUKOTHER',
  '&practice=UKOTHER#',
  'x\r\nhost: evil.example',
  '\ud800',
];

const names = { header: 'x-continuation-token', member: 'continuationToken' };
const resources = resourceSpecs(['patient'], { pollSeconds: 60, farSeconds: 3600, sweepSeconds: 21_600 });

function setUp(answer: ScriptedAnswer | Script, practiceId = 'UKTEST1') {
  const http = new ScriptedHttp(typeof answer === 'function' ? answer : () => answer);
  const tokens = new TokenShelf().put('exact:qa/c', { value: 'jwt', version: 2 });
  const exact = new ExactCalls(http, tokens, new RequestRate(10_000), { apiUrl: API, owner: 'exact:qa', scopes: 's' });
  const calls = grantedCalls(exact, names);
  const scopes = { ...grantedBut(), onChange: () => undefined };
  const windows = { pastDays: 30, nearDays: 3, futureDays: 365 };
  const connector = new ExactConnector({ calls, apiUrl: API, resources, windows, continuation: names, scopes });
  const tenant = exactTenant({ practiceId });
  const call: CallContext = { tenant, work: 'sweep', signal: new AbortController().signal, timeoutMs: 1_000 };
  const [patient] = connector.resources;
  const sweep = patient?.passes.find(({ name }) => name === 'sweep');
  if (patient === undefined || sweep === undefined) throw new Error('no sweep of patients');
  const pass: PassRequest = { spec: sweep, since: null, startedAt: 0, filterHonoured: true };
  const read = (position: string | null) => connector.readPage(call, patient, pass, position);
  const fetch = (id: string) => connector.fetchRecord(call, patient, id);
  const list = () => listSubscriptions(exact, names, { signal: call.signal, timeoutMs: 1_000 });
  return { http, read, fetch, list };
}

function expectOwn({ requests }: ScriptedHttp, path: string): void {
  for (const { url, below } of requests) {
    const { origin, pathname, hash } = new URL(url);
    expect([origin, pathname, hash], url).toEqual([API, path, '']);
    expect(below).toBe(`${API}/v1/`);
  }
}

describe.each(HOSTILE)('%j', (text) => {
  it.each<[string, ScriptedAnswer]>([
    ['in the header', { body: [{ id: 'a' }], headers: { [names.header]: text } }],
    ['in the body', { body: { patients: [{ id: 'a' }], [names.member]: text } }],
    ['as a link', { body: { patients: [{ id: 'a', href: text }], next: text, nextLink: text } }],
  ])('as the continuation of a list (%s) never leaves the query', async (_where, answer) => {
    const { http, read } = setUp(answer);
    const first = await read(null);
    expect(first.kind).toBe('page');
    if (first.kind === 'page' && first.next !== null) await read(first.next);
    expect(http.requests.length).toBeGreaterThan(0);
    expectOwn(http, '/v1/Practices/UKTEST1/Patients');
  });

  it('as the continuation of the subscriptions never leaves the query', async () => {
    const { http, list } = setUp((_request, index) => ({
      body: index < 3 ? { ids: ['UKTEST1'], [names.member]: text } : ['UKTEST1'],
    }));
    expect((await list()).kind).toBe('listed');
    expect(http.requests).toHaveLength(4);
    expectOwn(http, '/v1/Subscriptions/active');
  });

  it('as the id of a record or of a practice stays in its place, or is not asked for', async () => {
    const { http, read, fetch } = setUp({ body: [{ id: text }] });
    const page = await read(null);
    for (const { recordId } of page.kind === 'page' ? page.rows : []) await fetch(recordId);
    for (const { url } of http.requests) {
      expect(new URL(url).pathname.startsWith('/v1/Practices/UKTEST1/Patients'), url).toBe(true);
    }
    const odd = setUp({ body: [] }, text);
    await odd.read(null);
    expectOwn(odd.http, `/v1/Practices/${encodeURIComponent(text.toWellFormed())}/Patients`);
  });
});

it.each(['.', '..', '../UKOTHER', 'x/../UKOTHER', '..\\UKOTHER', '\ud800'])(
  'a practice or record whose id is %j is not asked for',
  async (id) => {
    const { http, read } = setUp({ body: [] }, id);
    expect(await read(null)).toMatchObject({ kind: 'record-fault', detail: 'unusable-id' });
    const own = setUp({ body: {} });
    expect(await own.fetch(id)).toMatchObject({ kind: 'record-fault', detail: 'unusable-id' });
    expect([...http.requests, ...own.http.requests]).toEqual([]);
  },
);

it('a list with an id that cannot be written down is no whole answer', async () => {
  const { list } = setUp({ body: ['UKTEST1', '\ud800'] });
  expect((await list()).kind).toBe('gateway-fault');
});
