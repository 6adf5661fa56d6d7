import { systemClock } from '@relay/service-kit';
import type { CallContext, PageOutcome, PassRequest, ResourceSpec } from '@relay/sync-engine';
import { ScriptedHttp, TokenShelf, exactTenant, twinScript } from '@relay/testing';
import { EXACT_SCOPES, ExactTwin, type ExactKind } from '@relay/vendor-twins';
import { describe, expect, it } from 'vitest';
import { ExactCalls } from './calls/exact-calls.js';
import { RequestRate } from './calls/request-rate.js';
import { resourceSpecs } from './catalogue/resource-specs.js';
import { ExactConnector } from './exact.connector.js';
import { grantedBut, grantedCalls } from './test-support/granted-calls.js';

const DAY = 86_400_000;
const START = Date.parse('2026-11-26T12:00:00Z');
const SCOPES = [...EXACT_SCOPES].sort().join(' ');
const continuation = { header: 'x-continuation-token', member: 'continuationToken' };
const windows = { pastDays: 30, nearDays: 3, futureDays: 365 };

/** The connector and the twin of a whole EXACT, on one clock that only the test moves. */
function setUp() {
  let now = START;
  const clock = () => now;
  const twin = new ExactTwin({ seed: 'connector', origin: 'http://127.0.0.1:3101', clock, epoch: START });
  twin.addClient({ id: 'c', secret: 's' });
  const practice = twin.addPractice({ id: 'UKTEST1', records: 130 });
  const issued = twin.handle({
    method: 'POST',
    url: '/connect/token',
    headers: { 'content-type': 'application/x-www-form-urlencoded', authorization: `Basic ${btoa('c:s')}` },
    body: `grant_type=client_credentials&scope=${encodeURIComponent(SCOPES)}`,
  });
  if (issued.kind !== 'response') throw new Error('no token');
  const { access_token: value } = JSON.parse(issued.body) as { access_token: string };
  const tokens = new TokenShelf().put('exact:qa/c', { value, version: 1 });
  const api = { apiUrl: twin.origin, owner: 'exact:qa', scopes: SCOPES };
  const http = new ScriptedHttp(twinScript(twin));
  const exact = new ExactCalls(http, tokens, new RequestRate(10_000), api, { ...systemClock, now: clock });
  const resources = resourceSpecs(['practice', 'practitioner', 'appointment', 'patient'], {
    pollSeconds: 60,
    farSeconds: 3600,
    sweepSeconds: 21_600,
  });
  const calls = grantedCalls(exact, continuation, clock);
  const scopes = { ...grantedBut(), onChange: () => undefined };
  const connector = new ExactConnector({ calls, apiUrl: api.apiUrl, resources, windows, continuation, scopes });
  const tenant = exactTenant();
  const call: CallContext = { tenant, work: 'sweep', signal: new AbortController().signal, timeoutMs: 1_000 };
  const spec = (name: string): ResourceSpec => {
    const found = resources.find((resource) => resource.name === name);
    if (!found) throw new Error(name);
    return found;
  };
  const readAll = async (name: string, passName: string, between: () => void = () => undefined) => {
    const found = spec(name).passes.find((candidate) => candidate.name === passName);
    if (!found) throw new Error(passName);
    const request: PassRequest = { spec: found, since: null, startedAt: now, filterHonoured: true };
    const rows = new Map<string, unknown>();
    let pages = 0;
    let position: string | null = null;
    for (; pages < 500; pages++) {
      const page: PageOutcome = await connector.readPage(call, spec(name), request, position);
      if (page.kind !== 'page') return { rows, pages, end: page.kind };
      for (const row of page.rows) rows.set(row.recordId, JSON.parse(row.text));
      if (page.next === null) return { rows, pages: pages + 1, end: 'page' };
      position = page.next;
      between();
    }
    throw new Error('a pass without end');
  };
  const fetch = (name: string, id: string) => connector.fetchRecord(call, spec(name), id);
  const pass = (ms: number) => void (now += ms);
  return { twin, practice, tokens, connector, call, spec, readAll, fetch, pass };
}

const idOf = (record: Record<string, unknown>) => String(record['id']).toLowerCase();

describe('a whole EXACT through the connector', () => {
  it.each(['header', 'wrapper'] as const)('reads all patients and practitioners, continued by %s', async (form) => {
    const { twin, readAll } = setUp();
    Object.assign(twin.pages, { form, bytes: 4_000, emptyEvery: 3 });
    for (const kind of ['patient', 'practitioner'] satisfies ExactKind[]) {
      const { rows, end, pages } = await readAll(kind, 'sweep');
      expect(end).toBe('page');
      expect([...rows.keys()].sort()).toEqual(twin.records('UKTEST1', kind).map(idOf).sort());
      expect(pages).toBeGreaterThan(kind === 'patient' ? 3 : 0);
    }
  });

  it('reads every appointment between the ends of its windows', async () => {
    const { twin, readAll } = setUp();
    twin.pages.bytes = 4_000;
    const near = await readAll('appointment', 'near');
    const far = await readAll('appointment', 'far');
    const inside = twin.records('UKTEST1', 'appointment').filter((record) => {
      const start = Date.parse(record['startDate'] as string);
      return start >= START - windows.pastDays * DAY && start <= START + windows.futureDays * DAY;
    });
    expect(inside.length).toBeGreaterThan(20);
    expect(near.rows.size).toBeGreaterThan(0);
    expect([...new Set([...near.rows.keys(), ...far.rows.keys()])].sort()).toEqual(inside.map(idOf).sort());
  });

  it('starts again when its continuation has expired', async () => {
    const { twin, readAll, pass } = setUp();
    twin.pages.bytes = 2_000;
    expect((await readAll('patient', 'sweep', () => pass(twin.pages.ttlMs + 1))).end).toBe('restart');
  });

  it('reads long windows in parts where the practice is slow', async () => {
    const { practice, readAll } = setUp();
    const whole = await readAll('appointment', 'far');
    practice.state.timeoutLongerThanDays = 10;
    const parts = await readAll('appointment', 'far');
    expect(parts.end).toBe('page');
    expect([...parts.rows.keys()].sort()).toEqual([...whole.rows.keys()].sort());
  });

  it('reads the days around one that the practice’s software fails on', async () => {
    const { practice, readAll } = setUp();
    const whole = await readAll('appointment', 'near');
    const bad = [...whole.rows.keys()][0] as string;
    practice.state.faultyRecords.add(bad);
    const parts = await readAll('appointment', 'near');
    expect(parts.end).toBe('page');
    expect(parts.rows.size).toBeGreaterThan(0);
    expect(parts.rows.has(bad)).toBe(false);
  });

  it('reads one record and the practice itself', async () => {
    const { twin, fetch, readAll } = setUp();
    const record = twin.records('UKTEST1', 'appointment')[2] as Record<string, unknown>;
    const outcome = await fetch('appointment', idOf(record));
    expect(outcome.kind).toBe('found');
    expect(outcome.kind === 'found' && idOf(JSON.parse(outcome.text) as Record<string, unknown>)).toBe(idOf(record));
    expect((await readAll('practice', 'sweep')).rows.get('UKTEST1')).toMatchObject({ practiceId: 'UKTEST1' });
    expect(await fetch('patient', '00000dff-0000-0000-0000-000000000000')).toMatchObject({
      kind: 'not-found',
      apiShaped: true,
    });
  });

  it.each<[string, (scene: ReturnType<typeof setUp>) => void, string]>([
    ['offline', ({ practice }) => void (practice.state.mode = 'offline'), 'unavailable'],
    ['faulty', ({ practice }) => void (practice.state.mode = 'faulty'), 'record-fault'],
    ['timing out', ({ practice }) => void (practice.state.mode = 'timeout'), 'unavailable'],
    ['too old', ({ practice }) => void (practice.version = '13.1'), 'record-fault'],
    ['no longer subscribed', ({ practice }) => void (practice.subscribed = false), 'subscription-doubtful'],
    ['behind a gateway that fails', ({ twin }) => void (twin.gateway.mode = 'fault'), 'gateway-fault'],
  ])('says what a practice is that is %s', async (_name, change, kind) => {
    const scene = setUp();
    change(scene);
    expect((await scene.fetch('patient', '00000dff-1300-0000-0000-008034ec7256')).kind).toBe(kind);
  });

  it('knows a token that was taken back', async () => {
    const { fetch, tokens, pass } = setUp();
    pass(30 * DAY);
    expect((await fetch('patient', 'x')).kind).toBe('unauthorized');
    expect(tokens.refusals).toEqual([1]);
  });
});
