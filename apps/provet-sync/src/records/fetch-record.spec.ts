import type { CallContext } from '@relay/sync-engine';
import { ScriptedHttp, TokenShelf, provetTenant, type ScriptedAnswer } from '@relay/testing';
import { describe, expect, it } from 'vitest';
import { ProvetCalls } from '../calls/provet-calls.js';
import { TenantBudgets } from '../calls/tenant-budgets.js';
import { fetchRecord } from './fetch-record.js';
import { recordIdOf } from './record-id.js';

const tenant = provetTenant();
const call: CallContext = { tenant, work: 'live', signal: new AbortController().signal, timeoutMs: 1_000 };

function fetchOf(answer: ScriptedAnswer, recordId = '12') {
  const http = new ScriptedHttp(() => answer);
  const tokens = new TokenShelf().put(tenant.credentialId as string, { value: 't', version: 1 });
  const calls = new ProvetCalls(http, tokens, new TenantBudgets(0));
  return { http, outcome: fetchRecord(calls, call, 'client', recordId) };
}

describe('reading one record', () => {
  it('hands on the text as the vendor spelt it', async () => {
    const body = '{ "id":12, "weight": 4.50, "url":"https://vet.example.com/17/api/0.1/client/12/" }';
    const { http, outcome } = fetchOf({ body, headers: { date: 'Thu, 26 Nov 2026 12:00:00 GMT' } });
    expect(await outcome).toMatchObject({ kind: 'found', text: body, vendorTime: Date.parse('2026-11-26T12:00:00Z') });
    expect(http.asked).toEqual(['GET /17/api/0.1/client/12/']);
  });

  it('encodes ids', async () => {
    const { http, outcome } = fetchOf({ body: {} }, 'a b?c');
    await outcome;
    expect(http.asked).toEqual(['GET /17/api/0.1/client/a%20b%3Fc/']);
  });

  it.each<[string, ScriptedAnswer, object]>([
    ['404 of the API', { status: 404, body: { detail: 'Not found.' } }, { kind: 'not-found', apiShaped: true }],
    ['404 of something else', { status: 404, body: 'gone' }, { kind: 'not-found', apiShaped: false }],
    ['a body that is no JSON', { body: 'maintenance' }, { kind: 'record-fault', detail: 'not-a-json-object' }],
    ['a list', { body: [] }, { kind: 'record-fault', detail: 'not-a-json-object' }],
    ['another record', { body: { id: 13 } }, { kind: 'record-fault', detail: 'another-record' }],
    ['400', { status: 400, body: ['bad'] }, { kind: 'record-fault', detail: 'http-400' }],
    ['301', { status: 301 }, { kind: 'record-fault', detail: 'http-301' }],
    ['403', { status: 403 }, { kind: 'forbidden' }],
    ['500', { status: 500 }, { kind: 'unavailable', detail: 'http-500' }],
  ])('%s', async (_name, answer, meaning) => {
    expect(await fetchOf(answer).outcome).toMatchObject(meaning);
  });
});

describe('the id of a record', () => {
  it.each<[string, Record<string, unknown>, string | null]>([
    ['is the last segment of its url', { id: 4, url: 'https://h/1/api/0.1/invoice/77/' }, '77'],
    ['may be long', { url: 'https://h/1/api/0.1/invoice/90071992547409931234/' }, '90071992547409931234'],
    ['may be text', { url: 'https://h/1/api/0.1/invoice/c0ffee-1/?x=1' }, 'c0ffee-1'],
    ['is id where there is no url', { id: 5 }, '5'],
    ['is no number that was rounded', { id: 2 ** 60 }, null],
    ['is nothing where there is neither', { name: 'x' }, null],
  ])('%s', (_name, record, id) => {
    expect(recordIdOf(record)).toBe(id);
  });
});
