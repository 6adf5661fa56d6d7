import type { CallContext, PassRequest } from '@relay/sync-engine';
import { ScriptedHttp, TokenShelf, provetTenant, type ScriptedAnswer } from '@relay/testing';
import { describe, expect, it } from 'vitest';
import { ProvetCalls } from '../calls/provet-calls.js';
import { TenantBudgets } from '../calls/tenant-budgets.js';
import { resourceSpecs } from '../catalogue/resource-specs.js';
import { confirmList } from './confirm-list.js';
import { compareIds } from './page-rows.js';
import { readPage } from './read-page.js';

const tenant = provetTenant();
const call: CallContext = { tenant, work: 'sweep', signal: new AbortController().signal, timeoutMs: 1_000 };
const [spec] = resourceSpecs(['client'], { reconcileSeconds: 900, sweepSeconds: 86_400, notices: true });
const SINCE = Date.parse('2026-03-01T07:00:00Z');

function request(name: 'sweep' | 'reconcile', over: Partial<PassRequest> = {}): PassRequest {
  const pass = spec?.passes.find((candidate) => candidate.name === name);
  if (!pass) throw new Error(`no pass ${name}`);
  return { spec: pass, since: name === 'reconcile' ? SINCE : null, startedAt: 0, filterHonoured: true, ...over };
}

function callsTo(answer: ScriptedAnswer) {
  const tokens = new TokenShelf().put(tenant.credentialId as string, { value: 't', version: 1 });
  const http = new ScriptedHttp(() => answer);
  return { http, calls: new ProvetCalls(http, tokens, new TenantBudgets(0)) };
}

const read = (answer: ScriptedAnswer, pass: PassRequest, position: string | null = null) =>
  readPage(callsTo(answer).calls, call, 'client', pass, position);

const row = (id: number | string, modified: string | null = '2026-03-01T08:00:00Z') => ({
  url: `https://vet.example.com/17/api/0.1/client/${id}/`,
  ...(modified === null ? {} : { modified }),
});
const page = (results: unknown[], next: string | null = null, count = results.length) => ({
  body: { count, num_pages: 1, next, previous: null, results },
});
const NEXT = 'https://evil.example/17/api/0.1/client/?page=2';

describe('a page in the order of ids', () => {
  it('gives rows as spelt, the total, and the place behind its last row, never the vendor’s link', async () => {
    const body = `{"count": 9, "next": "${NEXT}", "results": [ {"url":"https://h/17/api/0.1/client/3/","w":1.50} ,{"url":"/client/10/"}]}`;
    expect(await read({ body, headers: { date: 'Thu, 26 Nov 2026 12:00:00 GMT' } }, request('sweep'))).toEqual({
      kind: 'page',
      rows: [
        { recordId: '3', text: '{"url":"https://h/17/api/0.1/client/3/","w":1.50}' },
        { recordId: '10', text: '{"url":"/client/10/"}' },
      ],
      next: 'id:10',
      total: 9,
      vendorTime: Date.parse('2026-11-26T12:00:00Z'),
      tookMs: 7,
    });
  });

  it('is the last one when the vendor has no next', async () => {
    expect(await read(page([row(5)]), request('sweep'), 'id:4')).toMatchObject({
      kind: 'page',
      next: null,
      total: null,
    });
    expect(await read(page([]), request('sweep'))).toMatchObject({ kind: 'page', rows: [], next: null, total: 0 });
  });

  it.each<[string, unknown[], string | null]>([
    ['ids do not ascend', [row(10), row(9)], null],
    ['an id is not behind the last one', [row(4)], 'id:4'],
    ['a row repeats', [row(5), row(5)], null],
  ])('is not what was asked for when %s', async (_name, rows, position) => {
    expect((await read(page(rows, NEXT), request('sweep'), position)).kind).toBe('filter-ignored');
  });

  it('holds every row of a changed pass against the bound', async () => {
    const fresh = row(1, '2026-03-01T02:00:00-05:00');
    expect((await read(page([fresh]), request('reconcile'))).kind).toBe('page');
    const stale = row(2, '2026-03-01T07:59:59+01:00');
    expect((await read(page([fresh, stale]), request('reconcile'))).kind).toBe('filter-ignored');
    expect((await read(page([row(3, null)]), request('reconcile'))).kind).toBe('page');
  });

  it.each<[string, ScriptedAnswer, object]>([
    ['404', { status: 404, body: { detail: 'Not found.' } }, { kind: 'not-found' }],
    ['403', { status: 403 }, { kind: 'forbidden' }],
    ['503', { status: 503 }, { kind: 'unavailable' }],
    ['400', { status: 400 }, { kind: 'record-fault', detail: 'http-400' }],
    ['a bare array', { body: [] }, { kind: 'record-fault', detail: 'not-a-page' }],
    ['a row without an id', page([{ name: 'x' }]), { kind: 'record-fault', detail: 'not-a-page' }],
    ['no JSON', { body: '<html>' }, { kind: 'record-fault', detail: 'not-a-page' }],
  ])('%s', async (_name, answer, meaning) => {
    expect(await read(answer, request('sweep'))).toMatchObject(meaning);
  });
});

describe('a page by number, where the filter is ignored', () => {
  const pass = request('reconcile', { filterHonoured: false });
  const newer = row(1, '2026-03-01T09:00:00Z');
  const older = row(2, '2026-02-01T09:00:00Z');

  it('goes on while all rows are newer than the bound', async () => {
    expect(await read(page([newer], NEXT), pass)).toMatchObject({ kind: 'page', next: 'page:2', total: null });
  });

  it('stops at the bound', async () => {
    expect(await read(page([newer, older], NEXT), pass, 'page:2')).toMatchObject({ kind: 'page', next: null });
  });

  it('reads all once the order is not kept either', async () => {
    expect(await read(page([older, newer], NEXT), pass)).toMatchObject({ next: 'page:2!' });
    expect(await read(page([older], NEXT), pass, 'page:2!')).toMatchObject({ next: 'page:3!' });
    expect(await read(page([row(3, null)], NEXT), pass)).toMatchObject({ next: 'page:2!' });
  });

  it('ends where the vendor says that there is no such page', async () => {
    const answer = { status: 404, body: { detail: 'Invalid page.' } };
    expect(await read(answer, pass, 'page:4')).toMatchObject({ kind: 'page', rows: [], next: null });
    expect(await read(answer, pass, null)).toMatchObject({ kind: 'not-found' });
  });
});

describe('confirming that a list answers', () => {
  it('asks for one row', async () => {
    const { http, calls } = callsTo(page([row(1)]));
    expect((await confirmList(calls, call, 'client')).kind).toBe('listed');
    expect(http.asked).toEqual(['GET /17/api/0.1/client/?page_size=1']);
  });

  it('takes nothing else for a list', async () => {
    expect((await confirmList(callsTo({ body: '<html>' }).calls, call, 'client')).kind).toBe('record-fault');
    expect((await confirmList(callsTo({ status: 404 }).calls, call, 'client')).kind).toBe('not-found');
    expect((await confirmList(callsTo({ status: 503 }).calls, call, 'client')).kind).toBe('unavailable');
  });
});

describe('the order of ids', () => {
  it('is by value for numbers of any length, by text for others', () => {
    expect(compareIds('9', '10')).toBe(-1);
    expect(compareIds('90071992547409931234', '90071992547409931233')).toBe(1);
    expect(compareIds('b', 'a')).toBe(1);
    expect(compareIds('7', '7')).toBe(0);
  });
});
