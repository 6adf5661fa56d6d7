import type { CallContext, PageOutcome, PassRequest } from '@relay/sync-engine';
import { ScriptedHttp, TokenShelf, exactTenant, type Script, type ScriptedAnswer } from '@relay/testing';
import { describe, expect, it } from 'vitest';
import { ExactCalls } from '../calls/exact-calls.js';
import { RequestRate } from '../calls/request-rate.js';
import { resourceSpecs } from '../catalogue/resource-specs.js';
import { ExactConnector } from '../exact.connector.js';
import { grantedBut, grantedCalls } from '../test-support/granted-calls.js';

const DAY = 86_400_000;
const startedAt = Date.parse('2026-11-26T12:00:00Z');
const tenant = exactTenant();
const call: CallContext = { tenant, work: 'sweep', signal: new AbortController().signal, timeoutMs: 1_000 };
const continuation = { header: 'x-continuation-token', member: 'continuationToken' };
const resources = resourceSpecs(['practice', 'practitioner', 'appointment', 'patient'], {
  pollSeconds: 60,
  farSeconds: 3600,
  sweepSeconds: 21_600,
});

function setUp(script: Script) {
  let now = startedAt;
  const http = new ScriptedHttp((request, index) =>
    request.url.includes('/Subscriptions/') ? { body: ['UKTEST1'] } : script(request, index),
  );
  const tokens = new TokenShelf().put('exact:qa/c', { value: 'jwt', version: 2 });
  const api = { apiUrl: 'https://api.example', owner: 'exact:qa', scopes: 's' };
  const exact = new ExactCalls(http, tokens, new RequestRate(10_000), api);
  const connector = new ExactConnector({
    calls: grantedCalls(exact, continuation),
    scopes: { ...grantedBut(), onChange: () => undefined },
    apiUrl: api.apiUrl,
    resources,
    windows: { pastDays: 30, nearDays: 3, futureDays: 365 },
    continuation,
    now: () => now,
  });
  const passBy = (ms: number) => void (now += ms);
  const specOf = (name: string) => {
    const spec = connector.resources.find((resource) => resource.name === name);
    if (!spec) throw new Error(`no resource ${name}`);
    return spec;
  };
  const read = (resource: string, passName: string, position: string | null = null): Promise<PageOutcome> => {
    const spec = specOf(resource).passes.find((candidate) => candidate.name === passName);
    if (!spec) throw new Error(`no pass ${passName}`);
    const pass: PassRequest = { spec, since: null, startedAt, filterHonoured: true };
    return connector.readPage(call, specOf(resource), pass, position);
  };
  /** Reads a pass to its end, or to the first thing that is no page. */
  const readAll = async (resource: string, passName: string) => {
    const ids: string[] = [];
    let position: string | null = null;
    for (let pages = 0; pages < 200; pages++) {
      const page: PageOutcome = await read(resource, passName, position);
      if (page.kind !== 'page') return { ids, end: page };
      ids.push(...page.rows.map((row) => row.recordId));
      if (page.next === null) return { ids, end: page };
      position = page.next;
    }
    throw new Error('a pass without end');
  };
  const fetch = (resource: string, id: string) => connector.fetchRecord(call, specOf(resource), id);
  return { http, connector, read, readAll, fetch, specOf, passBy };
}

const guid = (n: number) => `00000DFF-1300-0000-0000-00000000000${n}`;
const windowOf = (request: { url: string }) => {
  const params = new URL(request.url).searchParams;
  return [Date.parse(params.get('from') ?? ''), Date.parse(params.get('to') ?? '')] as const;
};

describe('everything of a practice', () => {
  it('follows the continuation over short and empty pages', async () => {
    const pages: ScriptedAnswer[] = [
      { body: [{ id: guid(1) }], headers: { 'x-continuation-token': 'a+b' } },
      { body: { patients: [], continuationToken: 'c' } },
      { body: `[ {"id":"${guid(2)}","amount":1.50} ]` },
    ];
    const { http, readAll } = setUp((_request, index) => pages[index] ?? {});
    expect(await readAll('patient', 'sweep')).toMatchObject({ ids: [guid(1).toLowerCase(), guid(2).toLowerCase()] });
    expect(http.asked).toEqual([
      'GET /v1/Practices/UKTEST1/Patients',
      'GET /v1/Practices/UKTEST1/Patients?continuationToken=a%2Bb',
      'GET /v1/Practices/UKTEST1/Patients?continuationToken=c',
    ]);
  });

  it('keeps the row’s own text', async () => {
    const { read } = setUp(() => ({ body: { data: [1], ignored: 2 } }));
    expect((await read('patient', 'sweep')).kind).toBe('record-fault');
    const spelt = setUp(() => ({ body: `{"n":"x","list":[ {"id":"AB","fee":1.50} ]}` }));
    expect(await spelt.read('patient', 'sweep')).toMatchObject({
      rows: [{ recordId: 'ab', text: '{"id":"AB","fee":1.50}' }],
    });
  });

  it('starts again when the continuation has expired', async () => {
    const { read } = setUp(() => ({ status: 400, body: '"expired"' }));
    expect((await read('patient', 'sweep', 'old')).kind).toBe('restart');
    expect(await read('patient', 'sweep')).toMatchObject({ kind: 'record-fault', detail: 'http-400' });
  });

  it('does not walk in circles', async () => {
    const { read } = setUp(() => ({ body: [], headers: { 'x-continuation-token': 'same' } }));
    expect(await read('patient', 'sweep', 'same')).toMatchObject({
      kind: 'record-fault',
      detail: 'continuation-repeats',
    });
  });

  it('is the details, for the practice itself', async () => {
    const { http, read } = setUp(() => ({ body: '{"practiceId":"uktest1","x":1.0}' }));
    expect(await read('practice', 'sweep')).toMatchObject({
      rows: [{ recordId: 'UKTEST1', text: '{"practiceId":"uktest1","x":1.0}' }],
      next: null,
    });
    expect(http.asked).toEqual(['GET /v1/Practices/UKTEST1/details']);
  });
});

describe('windows of a practice', () => {
  it('reads the near days in one window, page by page', async () => {
    const { http, readAll } = setUp((_request, index) => ({
      body: [{ id: guid(index) }],
      headers: index < 2 ? { 'x-continuation-token': `t${index}` } : {},
    }));
    expect((await readAll('appointment', 'near')).ids).toHaveLength(3);
    expect(http.asked[2]).toBe(
      'GET /v1/Practices/UKTEST1/Appointments?from=2026-11-24T23%3A59%3A59Z&to=2026-11-30T00%3A00%3A00Z&continuationToken=t1',
    );
  });

  it('begins the window again when its continuation has expired, and the pass when that goes on', async () => {
    const { http, read } = setUp((request, index) =>
      request.url.includes('continuationToken')
        ? { status: 400 }
        : { body: [], headers: { 'x-continuation-token': `t${index}` } },
    );
    let page = await read('appointment', 'far');
    for (let pages = 0; pages < 20 && page.kind === 'page'; pages += 1) {
      page = await read('appointment', 'far', page.next);
    }
    expect(page.kind).toBe('restart');
    expect(http.requests).toHaveLength(8);
    expect(new Set(http.requests.map((request) => windowOf(request).join())).size).toBe(1);
    expect((await read('appointment', 'near', 'not ours')).kind).toBe('restart');
  });

  it('reads in halves what the practice cannot answer at once', async () => {
    const { http, readAll } = setUp((request) => {
      const [from, to] = windowOf(request);
      return to - from > 40 * DAY ? { status: 504 } : { body: [] };
    });
    expect((await readAll('appointment', 'far')).end).toMatchObject({ kind: 'page', next: null });
    const answered = http.requests.map(windowOf).filter(([from, to]) => to - from <= 40 * DAY && to - from > 2 * DAY);
    // Each window begins a second early.
    const covered = answered.reduce((sum, [from, to]) => sum + to - from - 1_000, 0);
    expect(covered).toBe((365 - 3 + 29) * DAY);
    const before = http.requests.length;
    expect((await readAll('appointment', 'far')).end).toMatchObject({ kind: 'page', next: null });
    // What was found out holds for the next run.
    const lengths = http.requests.slice(before).map((request) => windowOf(request)[1] - windowOf(request)[0]);
    expect(Math.max(...lengths)).toBeLessThanOrEqual(40 * DAY);
  });

  it('takes a practice that answers nothing for what it is', async () => {
    const { http, read } = setUp(() => ({ status: 504 }));
    expect(await read('appointment', 'far')).toMatchObject({ kind: 'unavailable', detail: 'http-504' });
    expect(http.requests).toHaveLength(2);
  });

  it('leaves out the one hour that fails, reads the rest, and leaves it out at once the next time', async () => {
    const bad = startedAt + 1.4 * DAY;
    let isBad = true;
    const { http, readAll, passBy } = setUp((request) => {
      const [from, to] = windowOf(request);
      return isBad && from <= bad && bad < to ? { status: 502 } : { body: [{ id: `${from}` }] };
    });
    const first = await readAll('appointment', 'near');
    expect(first.end).toMatchObject({ kind: 'page', next: null, leftOut: 'unreadable' });
    const calls = http.requests.length;
    expect(calls).toBeLessThan(18);
    expect((await readAll('appointment', 'near')).end).toMatchObject({ next: null, leftOut: 'unreadable' });
    expect(http.requests).toHaveLength(calls + 2);
    isBad = false;
    // After a while it is tried again, and found to be good.
    passBy(16 * 60_000);
    expect((await readAll('appointment', 'near')).end).not.toHaveProperty('leftOut');
    expect((await readAll('appointment', 'near')).ids).toHaveLength(1);
  });

  it('leaves out a day that the practice has no time for, and says so', async () => {
    const bad = startedAt + 1.4 * DAY;
    const { readAll } = setUp((request) => {
      const [from, to] = windowOf(request);
      if (to - from <= 3_601_000) return { body: [] };
      return from <= bad && bad < to ? { status: 504 } : { body: [{ id: `${from}` }] };
    });
    expect((await readAll('appointment', 'near')).end).toMatchObject({ kind: 'page', next: null, leftOut: 'too-slow' });
    expect((await readAll('appointment', 'near')).end).toMatchObject({ kind: 'page', next: null, leftOut: 'too-slow' });
  });

  it('has no time for anything but single hours: that is no reading, and the practice is not offline', async () => {
    const { readAll } = setUp((request) => {
      const [from, to] = windowOf(request);
      return to - from <= 3_601_000 ? { body: [] } : { status: 504 };
    });
    expect((await readAll('appointment', 'near')).end).toMatchObject({ kind: 'record-fault', detail: 'http-504' });
  });

  it('is no reading any more when most of it fails', async () => {
    const { readAll } = setUp(() => ({ status: 502 }));
    expect((await readAll('appointment', 'near')).end).toMatchObject({ kind: 'record-fault', detail: 'http-502' });
  });

  it.each<[number, string]>([
    [503, 'unavailable'],
    [500, 'gateway-fault'],
    [404, 'not-found'],
    [429, 'throttled'],
  ])('hands on %i', async (status, kind) => {
    expect((await setUp(() => ({ status })).read('appointment', 'near')).kind).toBe(kind);
  });
});

describe('one record of a practice', () => {
  const id = guid(7).toLowerCase();

  it('is found under its id in lower case, spelt as the practice spells it', async () => {
    const body = `{"id":"${guid(7)}","status":"Pending"}`;
    const { http, fetch } = setUp(() => ({ body }));
    expect(await fetch('appointment', id)).toMatchObject({ kind: 'found', text: body });
    expect(http.asked).toEqual([`GET /v1/Practices/UKTEST1/Appointments/${id}`]);
  });

  it.each<[string, ScriptedAnswer, object]>([
    ['404 of a subscribed practice', { status: 404 }, { kind: 'not-found', apiShaped: true }],
    ['502', { status: 502 }, { kind: 'record-fault', detail: 'http-502' }],
    ['503', { status: 503 }, { kind: 'unavailable' }],
    ['504', { status: 504 }, { kind: 'unavailable', detail: 'http-504' }],
    ['500', { status: 500 }, { kind: 'gateway-fault' }],
    ['400', { status: 400 }, { kind: 'record-fault', detail: 'http-400' }],
    ['another record', { body: { id: guid(8) } }, { kind: 'record-fault', detail: 'another-record' }],
    ['no JSON', { body: 'offline' }, { kind: 'record-fault', detail: 'not-a-json-object' }],
  ])('%s', async (_name, answer, meaning) => {
    expect(await setUp(() => answer).fetch('appointment', id)).toMatchObject(meaning);
  });

  it('is the details, for the practice', async () => {
    const { http, fetch } = setUp(() => ({ body: {} }));
    expect((await fetch('practice', 'UKTEST1')).kind).toBe('found');
    expect(http.asked).toEqual(['GET /v1/Practices/UKTEST1/details']);
  });
});

describe('confirming that a list answers', () => {
  it('asks for an hour of appointments, and for the first page of the others', async () => {
    const { http, connector, specOf } = setUp(() => ({ body: [] }));
    expect((await connector.confirmList(call, specOf('appointment'))).kind).toBe('listed');
    expect((await connector.confirmList(call, specOf('patient'))).kind).toBe('listed');
    const [appointments, patients] = http.requests;
    const [from, to] = windowOf(appointments as { url: string });
    expect(to - from).toBe(3_601_000);
    expect(new URL(patients?.url ?? '').pathname).toBe('/v1/Practices/UKTEST1/Patients');
  });

  it('takes nothing else for a list', async () => {
    const { connector, specOf } = setUp(() => ({ body: 'offline' }));
    expect((await connector.confirmList(call, specOf('patient'))).kind).toBe('record-fault');
  });
});

describe('addresses', () => {
  it('name the practice as it is spelt, encoded', () => {
    const { connector } = setUp(() => ({}));
    const odd = exactTenant({ practiceId: 'a b/1' });
    expect(connector.sourceOf(odd)).toBe('https://api.example/v1/Practices/a%20b%2F1');
    expect(connector.urlOf(tenant, 'patient', 'x')).toBe('https://api.example/v1/Practices/UKTEST1/Patients/x');
    expect(connector.urlOf(tenant, 'practice', 'UKTEST1')).toBe('https://api.example/v1/Practices/UKTEST1/details');
  });
});
