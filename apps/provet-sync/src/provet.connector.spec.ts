import { triggersOf, webhookKey, webhookSigningKey } from '@relay/contracts';
import { systemClock } from '@relay/service-kit';
import {
  connectorConformance,
  type CallContext,
  type PageOutcome,
  type PassRequest,
  type ResourceSpec,
} from '@relay/sync-engine';
import { ScriptedHttp, TokenShelf, provetTenant, twinScript } from '@relay/testing';
import { ProvetTwin } from '@relay/vendor-twins';
import { describe, expect, it } from 'vitest';
import { CATALOGUE } from './catalogue/catalogue.js';
import { resourceSpecs } from './catalogue/resource-specs.js';
import { ProvetCalls } from './calls/provet-calls.js';
import { TenantBudgets } from './calls/tenant-budgets.js';
import { ProvetConnector } from './provet.connector.js';

const ANEW = { memo: null, why: 'anew' } as const;
const START = Date.parse('2026-11-26T12:00:00Z');
/** One of each kind: usual ones, a reduced list, no time of change, no `id`, lists only, parts, a path of two parts. */
const SAMPLE = [
  'client',
  'patient',
  'appointment',
  'consultation',
  'invoice',
  'item',
  'vatgroup',
  'reminder',
  'paymenttypeaccountingnumbers',
  'invoicerow',
  'consultation_items-medicine',
  'order',
  'orderitem',
  'stock-item',
  'codelist-species',
];
const names = CATALOGUE.map((entry) => entry.name).filter((name) => SAMPLE.includes(name));
const announced = names.filter((name) => triggersOf(name).some(({ kind }) => kind === 'changed'));

/** The connector and the twin of a whole vendor, on one clock that only the test moves. */
function setUp({ share = 0, records = 260 } = {}) {
  let now = START;
  const clock = () => now;
  const twin = new ProvetTwin({ seed: 'connector', origin: 'http://127.0.0.1:3100', clock, epoch: START });
  const clinic = twin.addTenant({ id: 9, records, clientId: 'c', secret: 's', tokenSeconds: 90 * 86_400 });
  const issued = twin.handle({
    method: 'POST',
    url: '/9/oauth2/token/',
    headers: { 'content-type': 'application/x-www-form-urlencoded', authorization: `Basic ${btoa('c:s')}` },
    body: 'grant_type=client_credentials',
  });
  if (issued.kind !== 'response') throw new Error('no token');
  const { access_token: value } = JSON.parse(issued.body) as { access_token: string };
  const tenant = provetTenant({ host: twin.host, scheme: 'http', provetId: 9 });
  const tokens = new TokenShelf().put(tenant.credentialId as string, { value, version: 1 });
  const calls = new ProvetCalls(new ScriptedHttp(twinScript(twin)), tokens, new TenantBudgets(share), {
    ...systemClock,
    now: clock,
  });
  const key = webhookSigningKey(Buffer.alloc(32, 7).toString('base64url'));
  const connector = new ProvetConnector(
    calls,
    resourceSpecs(names, { reconcileSeconds: 900, sweepSeconds: 86_400, notices: true }),
    {
      mode: 'provision',
      publicUrl: 'https://relay.example',
      keys: [key],
      targetMember: null,
      resources: names,
      tryAgainMs: 900_000,
      book: { note: () => Promise.resolve() },
    },
    { resources: names, queue: null, random: () => 0.5 },
    clock,
  );
  const call: CallContext = { tenant, work: 'sweep', signal: new AbortController().signal, timeoutMs: 1_000 };
  const spec = (name: string): ResourceSpec => {
    const found = connector.resources.find((resource) => resource.name === name);
    if (!found) throw new Error(name);
    return found;
  };
  const request = (name: string, pass: string, over: Partial<PassRequest> = {}): PassRequest => {
    const found = spec(name).passes.find((candidate) => candidate.name === pass);
    if (!found) throw new Error(pass);
    return { spec: found, since: null, startedAt: now, filterHonoured: true, ...over };
  };
  /** Reads a pass as the engine does: from page to page, waiting where it is told to. */
  const readAll = async (name: string, pass: PassRequest) => {
    const rows: { recordId: string; text: string }[] = [];
    let position: string | null = null;
    let total: number | null = null;
    for (let pages = 0; pages < 2_000; pages++) {
      const page: PageOutcome = await connector.readPage(call, spec(name), pass, position);
      if (page.kind === 'throttled') {
        if (!page.local) throw new Error('the vendor had to say that it is too much');
        now += page.retryAfterMs;
        continue;
      }
      if (page.kind !== 'page') return { rows, total, end: page.kind };
      rows.push(...page.rows);
      total ??= page.total;
      if (page.next === null) return { rows, total, end: 'page' };
      position = page.next;
    }
    throw new Error('a pass without end');
  };
  const pass = (ms: number) => void (now += ms);
  return { twin, clinic, tenant, tokens, connector, call, spec, request, readAll, pass, clock, key };
}

describe('the connector as the engine takes it for granted', () => {
  const { connector, tenant, tokens, twin } = setUp({ records: 120 });
  const stranger = provetTenant({ host: twin.host, scheme: 'http', provetId: 9, credentialId: 'stranger/c' });
  tokens.put('stranger/c', { value: 'unknown', version: 2 });
  it.each(connectorConformance({ connector, tenant, stranger }))('$name', async (check) => {
    await expect(check.run()).resolves.toBeUndefined();
  });
});

describe('a whole Provet through the connector', () => {
  it.each(names)('reads every %s once, in the order of ids', async (name) => {
    const { twin, request, readAll } = setUp();
    const { rows, total, end } = await readAll(name, request(name, 'backfill'));
    expect(end).toBe('page');
    expect(rows.map((row) => row.recordId)).toEqual(twin.ids(9, name).map(String));
    expect(total).toBe(rows.length);
  });

  it.each(names)('reads a %s by its id, in its detail form where it has one', async (name) => {
    const { twin, connector, call, spec } = setUp();
    const id = twin.ids(9, name).at(-1) as number;
    const outcome = await connector.fetchRecord(call, spec(name), String(id));
    expect(outcome.kind).toBe('found');
    const text = outcome.kind === 'found' ? outcome.text : 'null';
    expect((JSON.parse(text) as { url: string }).url).toBe(connector.urlOf(call.tenant, name, String(id)));
    expect(await connector.fetchRecord(call, spec(name), '999999')).toMatchObject({
      kind: 'not-found',
      apiShaped: true,
    });
  });

  it('finds what was changed since, and nothing else', async () => {
    const { twin, request, readAll, pass } = setUp();
    pass(30 * 86_400_000);
    for (const id of [5, 17, 230]) twin.put(9, 'client', id, { remarks: 'changed' }, { notify: false });
    pass(60_000);
    const since = START + 30 * 86_400_000;
    const { rows } = await readAll('client', request('client', 'reconcile', { since }));
    expect(rows.map((row) => row.recordId)).toEqual(['5', '17', '230']);
  });

  it('notices that a filter is ignored, and reads newest first instead', async () => {
    const { twin, clinic, request, readAll, pass } = setUp();
    pass(30 * 86_400_000);
    clinic.switches.ignoredFilters.add('client.modified__gte');
    for (const id of [5, 230]) twin.put(9, 'client', id, { remarks: 'changed' }, { notify: false });
    const since = START + 30 * 86_400_000;
    expect((await readAll('client', request('client', 'reconcile', { since }))).end).toBe('filter-ignored');
    const { rows, end } = await readAll('client', request('client', 'reconcile', { since, filterHonoured: false }));
    expect(end).toBe('page');
    expect(rows.map((row) => row.recordId)).toEqual(expect.arrayContaining(['5', '230']));
    expect(rows.length).toBeLessThanOrEqual(50);
  });

  it('believes a list that ignores the filter by id only in what it asked for', async () => {
    const { twin, clinic, connector, call, spec } = setUp();
    const name = 'paymenttypeaccountingnumbers';
    clinic.switches.ignoredFilters.add(`${name}.id__is`);
    const [first] = twin.ids(9, name);
    expect(await connector.fetchRecord(call, spec(name), String(first))).toMatchObject({ kind: 'found' });
    expect(await connector.fetchRecord(call, spec(name), '999999')).toMatchObject({
      kind: 'record-fault',
      detail: 'filter-ignored',
    });
  });

  it('keeps below every limit of the vendor', async () => {
    // A share of which pages of two requests leave nothing over.
    const { twin, request, readAll } = setUp({ share: 0.85, records: 6_000 });
    const { rows } = await readAll('invoice', request('invoice', 'sweep'));
    expect(rows).toHaveLength(twin.ids(9, 'invoice').length);
  }, 30_000);

  it('lists, forbids and closes as the vendor does', async () => {
    const { clinic, connector, call, spec, request, readAll } = setUp();
    expect((await connector.confirmList(call, spec('client'))).kind).toBe('listed');
    clinic.forbid('invoice');
    expect((await readAll('invoice', request('invoice', 'sweep'))).end).toBe('forbidden');
    clinic.switches.closed = 'json';
    expect((await connector.confirmList(call, spec('client'))).kind).toBe('not-found');
    expect(await connector.fetchRecord(call, spec('client'), '1')).toMatchObject({
      kind: 'not-found',
      apiShaped: true,
    });
    clinic.switches.closed = 'html';
    expect(await connector.fetchRecord(call, spec('client'), '1')).toMatchObject({
      kind: 'not-found',
      apiShaped: false,
    });
  });
});

describe('webhooks at a whole Provet', () => {
  it.each(['target', 'target_url', 'hook_url'])('are made so that they come to us (member %s)', async (member) => {
    const { twin, clinic, tenant, connector, call, clock, pass, key } = setUp();
    clinic.switches.hookTarget = member;
    expect(await connector.prepare(call, ANEW)).toMatchObject({
      kind: 'ready',
      noticesFor: announced,
      reason: null,
      againAt: clock() + 86_400_000,
    });
    const made = clinic.hooks.size;
    expect(await connector.prepare(call, ANEW)).toMatchObject({ noticesFor: announced });
    expect(clinic.hooks.size).toBe(made);
    twin.put(9, 'client', 5, { remarks: 'changed' });
    pass(60_000);
    const urls = twin.dueDeliveries(clock()).map((delivery) => delivery.url);
    const path = `/webhooks/provet/${encodeURIComponent(twin.host)}/9/1/${webhookKey(key, tenant.tenantId, 1)}`;
    expect(urls).toEqual([`https://relay.example${path}`]);
  });

  it('are left to people where they may not be made', async () => {
    const { clinic, connector, call } = setUp();
    clinic.switches.hookOptions = false;
    expect(await connector.prepare(call, ANEW)).toMatchObject({ noticesFor: [], reason: 'webhooks-target-unknown' });
    clinic.forbid('hooks');
    expect(await connector.prepare(call, ANEW)).toMatchObject({ noticesFor: [], reason: 'webhooks-forbidden' });
    expect(clinic.hooks.size).toBe(0);
  });
});
