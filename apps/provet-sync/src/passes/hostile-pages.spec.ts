import type { CallContext, PassRequest } from '@relay/sync-engine';
import { ScriptedHttp, TokenShelf, provetTenant, type ScriptedAnswer } from '@relay/testing';
import { describe, expect, it } from 'vitest';
import { ProvetCalls } from '../calls/provet-calls.js';
import { TenantBudgets } from '../calls/tenant-budgets.js';
import { resourceSpecs } from '../catalogue/resource-specs.js';
import { fetchRecord } from '../records/fetch-record.js';
import { listHooks } from '../webhooks/webhook-calls.js';
import { readPage } from './read-page.js';

const BASE = 'https://vet.example.com/17/api/0.1/';
/** Where a vendor, or somebody between, might want the token to go. */
const HOSTILE = [
  'https://evil.example/17/api/0.1/client/?page=2',
  '//evil.example/17/api/0.1/client/?page=2',
  'https://vet.example.com@evil.example/17/api/0.1/client/?page=2',
  'https://vet.example.com.evil.example/17/api/0.1/client/',
  'https://vet.example.com:8443/17/api/0.1/client/?page=2',
  'http://vet.example.com/17/api/0.1/client/?page=2',
  'https://vet.example.com/18/api/0.1/client/?page=2',
  'https://vet.example.com/17/api/0.1/../../../18/api/0.1/client/',
  'https://vet.example.com/17/api/0.1/..%2f..%2f..%2f18/api/0.1/client/',
  'https://vet.example.com\\..\\..\\18\\api\\0.1\\client\\',
  'http://169.254.169.254/latest/meta-data/',
  'file:///etc/passwd',
  'javascript:alert(1)',
];

const tenant = provetTenant();
const call: CallContext = { tenant, work: 'sweep', signal: new AbortController().signal, timeoutMs: 1_000 };
const [spec] = resourceSpecs(['client'], { reconcileSeconds: 900, sweepSeconds: 86_400, notices: true });

function setUp(answer: ScriptedAnswer) {
  const http = new ScriptedHttp(() => answer);
  const tokens = new TokenShelf().put(tenant.credentialId as string, { value: 't', version: 1 });
  return { http, calls: new ProvetCalls(http, tokens, new TenantBudgets(0)) };
}

/** Calls that were not made below the tenant's own address, or without telling the client to see to that as well. */
function strayed({ requests }: ScriptedHttp, path: string): readonly string[] {
  if (requests.length === 0) return ['nothing was asked'];
  const own = `${BASE}${path}`;
  return requests
    .filter(({ url, below }) => !new URL(url).href.startsWith(own) || below !== BASE)
    .map(({ url }) => url);
}

function passOf(filterHonoured: boolean): PassRequest {
  const sweep = spec?.passes.find(({ name }) => name === 'sweep');
  if (sweep === undefined) throw new Error('no sweep');
  return { spec: sweep, since: null, startedAt: 0, filterHonoured };
}

describe.each(HOSTILE)('a link to %s', (link) => {
  it.each([true, false])('as the next page is never called (pages by id: %s)', async (byId) => {
    const row = { url: `${BASE}client/3/`, id: 3, next: link, patient: link };
    const { http, calls } = setUp({ body: { count: 2, next: link, previous: link, results: [row] } });
    let position: string | null = null;
    for (let page = 0; page < 3; page++) {
      const outcome = await readPage(calls, call, 'client', passOf(byId), position);
      if (outcome.kind !== 'page') break;
      position = outcome.next;
    }
    expect(strayed(http, 'client/?')).toEqual([]);
  });

  it('as the address of a record gives an id at the most, that stays in its place', async () => {
    const { http, calls } = setUp({ body: { count: 1, next: null, results: [{ url: link }] } });
    const page = await readPage(calls, call, 'client', passOf(true), null);
    for (const { recordId } of page.kind === 'page' ? page.rows : []) {
      await fetchRecord(calls, call, 'client', recordId);
    }
    expect(strayed(http, 'client/')).toEqual([]);
  });

  it('as the next page of webhooks is never called', async () => {
    const { http, calls } = setUp({ body: { next: link, results: [{ id: 1, url: link, target: link }] } });
    await listHooks(calls, call);
    expect(strayed(http, 'hook/webhook/?')).toEqual([]);
  });
});

it.each(['.', '..', '%2e%2e', '..%2f18', 'a\\b', '\ud800', '\u0000', ' '])(
  '%j as an id stays in its place',
  async (id) => {
    const { http, calls } = setUp({ body: { count: 1, next: null, results: [{ id }] } });
    const page = await readPage(calls, call, 'client', passOf(true), null);
    for (const { recordId } of page.kind === 'page' ? page.rows : []) {
      await fetchRecord(calls, call, 'client', recordId);
    }
    expect(strayed(http, 'client/')).toEqual([]);
  },
);
