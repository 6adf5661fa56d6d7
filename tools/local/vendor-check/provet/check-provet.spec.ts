import { WindowBudget } from '@relay/http-client';
import { ScriptedHttp, twinScript, type Script } from '@relay/testing';
import { ProvetTwin, type TenantOptions } from '@relay/vendor-twins';
import { describe, expect, it } from 'vitest';
import { CATALOGUE } from '../../../../apps/provet-sync/src/catalogue/catalogue.js';
import { filterTime } from '../../../../apps/provet-sync/src/passes/pass-query.js';
import { recordIdOf } from '../../../../apps/provet-sync/src/records/record-id.js';
import { targetMemberOf } from '../../../../apps/provet-sync/src/webhooks/target-member.js';
import { CheckCalls, Unreachable } from '../check-calls.ts';
import { EXIT, exitCodeOf, type CheckResult, type Finding } from '../finding.ts';
import { renderText, settingLines } from '../render.ts';
import { checkProvet } from './check-provet.ts';
import type { CheckedResource } from './subject.ts';

const NOW = Date.parse('2026-11-26T12:00:00Z');
const RESOURCES = ['client', 'patient', 'invoice'];

interface World {
  readonly twin: ProvetTwin;
  readonly http: ScriptedHttp;
  readonly token: string;
  readonly calls: CheckCalls;
  readonly check: (over?: { webhookUrlField?: string; resources?: readonly CheckedResource[] }) => Promise<CheckResult>;
}

/** A twin's tenant 9 and a check of it, in one process. `change` lets the vendor answer otherwise. */
async function world(
  options: Partial<TenantOptions> = {},
  change: (script: Script) => Script = (same) => same,
  share = 0,
): Promise<World> {
  let now = NOW;
  const twin = new ProvetTwin({ seed: 'vendor-check', origin: 'https://vet.example.com', clock: () => now });
  twin.addTenant({ id: 9, records: 120, offsetMinutes: 120, ...options });
  const { clientId, secret } = twin.tenant(9).credential;
  const reply = twin.handle({
    method: 'POST',
    url: '/9/oauth2/token/',
    headers: {
      authorization: `Basic ${btoa(`${clientId}:${secret}`)}`,
      'content-type': 'application/x-www-form-urlencoded',
    },
    body: 'grant_type=client_credentials',
  });
  const token = (JSON.parse(reply.kind === 'response' ? reply.body : '') as { access_token: string }).access_token;
  const dated: Script = (request, index) => {
    const answer = twinScript(twin)(request, index);
    return { ...answer, headers: { date: new Date(NOW).toUTCString(), ...answer.headers } };
  };
  const http = new ScriptedHttp(change(dated));
  const calls = new CheckCalls({
    send: (request) => http.send(request),
    tenantUrl: 'https://vet.example.com/9/',
    apiPath: 'api/0.1/',
    token,
    share,
    newBudget: (limit) => new WindowBudget({ limit, windowMs: 60_000 }),
    wait: (ms) => Promise.resolve((now += ms)),
    now: () => now,
  });
  return {
    twin,
    http,
    token,
    calls,
    check: (over = {}) =>
      checkProvet({
        calls,
        host: 'vet.example.com',
        provetId: 9,
        share,
        token: { text: token, publishedAt: NOW, expiresAt: NOW + 36_000_000 },
        resources: over.resources ?? checked(RESOURCES),
        configured: { webhookUrlField: over.webhookUrlField ?? null },
        connector: { targetMemberOf, recordIdOf, filterTime },
      }),
  };
}

function checked(names: readonly string[]): CheckedResource[] {
  return CATALOGUE.filter(({ name }) => names.includes(name)).map((entry) => ({
    ...entry,
    pageSize: 50,
    parent: null,
  }));
}

const of = ({ findings }: CheckResult, id: string): Finding => {
  const finding = findings.find((one) => one.id === id);
  if (finding === undefined) throw new Error(`no finding ${id} among ${findings.map((one) => one.id).join(', ')}`);
  return finding;
};
const text = (result: CheckResult, id: string): string => of(result, id).finding;

const hook = (twin: ProvetTwin, target: string): void =>
  void twin.tenant(9).hooks.set(1, {
    id: 1,
    name: 'x',
    trigger: 1,
    target,
    contentType: 1,
    active: true,
    department: null,
    created: NOW,
    modified: NOW,
  });

describe('checking a Provet tenant', () => {
  it('reads only, and few times', async () => {
    const { http, check } = await world();
    await check();
    expect(new Set(http.requests.map(({ method }) => method))).toEqual(new Set(['GET', 'OPTIONS']));
    expect(http.requests.length).toBeLessThan(75);
    for (const name of RESOURCES) {
      const lists = http.asked.filter(
        (line) => line.startsWith(`GET /9/api/0.1/${name}/?`) || line === `GET /9/api/0.1/${name}/`,
      );
      // The one that is asked everything has a limit of 300 a minute.
      expect(lists.length).toBeLessThan(name === 'patient' ? 35 : 8);
    }
  });

  it('takes a few minutes beside a relay that uses nine tenths of the limits, and meets no 429', async () => {
    const { calls, check, twin } = await world({}, undefined, 0.1);
    // What is left for the checks, and no more.
    for (const name of RESOURCES) {
      const limit = CATALOGUE.find((entry) => entry.name === name)?.limits.list ?? 0;
      twin.tenant(9).switches.limitOverrides[`${name}.list`] = Math.floor(limit / 10);
    }
    await check();
    expect(calls.throttled).toBeNull();
    expect(calls.waitedMs).toBeLessThan(5 * 60_000);
  });

  it('says of every statement what the tenant says, and never shows the token', async () => {
    const { check, token } = await world();
    const result = await check();
    expect(text(result, 'client.default-page-size')).toBe('50');
    expect(text(result, 'invoice.default-order')).toBe('-id');
    expect(text(result, 'client.list-form')).toMatch(/^yes/);
    expect(text(result, 'invoice.list-form')).toMatch(/^no: \d+ of \d+ members/);
    expect(text(result, 'invoice.id')).toBe('list: id in 0/50, url in 50/50; detail with id');
    expect(text(result, 'invoice.zones')).toContain('modified +02:00');
    expect(text(result, 'client.modified-filter')).toBe('yes');
    expect(text(result, 'slash')).toContain('301');
    expect(text(result, 'error.401')).toBe('401 {detail: string}');
    expect(text(result, 'error.404')).toBe('404 {detail: string}');
    expect(text(result, 'undeclared-filter')).toMatch(/^yes/);
    expect(text(result, 'token.form')).toMatch(/^opaque/);
    expect(renderText({ tenant: 'provet:vet.example.com:9', calls: 1, waitedMs: 0, ...result })).not.toContain(token);
    expect(result.findings.filter(({ contradicts }) => contradicts !== null)).toEqual([]);
  });

  it.each([
    [120, 'UTC+02:00'],
    [-300, 'UTC-05:00'],
    [345, 'UTC+05:45'],
  ])('finds the zone of a naive time in a filter: %i minutes', async (offsetMinutes, zone) => {
    const { check } = await world({ offsetMinutes });
    const result = await check();
    expect(text(result, 'filter-times.naive')).toContain(zone);
    expect(text(result, 'filter-times.documented')).toBe('read as that instant, to the minute');
    expect(text(result, 'filter-times.iso')).toBe('yes');
  });

  it('notices a filter that is ignored, by the rows', async () => {
    const { twin, check } = await world();
    twin.tenant(9).switches.ignoredFilters.add('client.modified__gte').add('invoice.id__gt');
    const result = await check();
    expect(text(result, 'client.modified-filter')).toMatch(/^no: \d+ of 50 rows are older/);
    expect(text(result, 'invoice.id-paging')).toContain('id__gt ignored');
    expect(text(result, 'patient.modified-filter')).toBe('yes');
  });

  it('holds the parts that a parent’s filter gives against the parent', async () => {
    const { twin, check } = await world();
    const [invoicerow] = checked(['invoicerow']);
    const parent = { filter: 'invoice__is', relation: 'invoice' };
    const resources = [{ ...(invoicerow as CheckedResource), parent }];
    expect(text(await check({ resources }), 'invoicerow.parent-filter')).toBe('yes');
    twin.tenant(9).switches.ignoredFilters.add('invoicerow.invoice__is');
    expect(text(await check({ resources }), 'invoicerow.parent-filter')).toMatch(/^no: \d+ of 50 rows are another's/);
  });

  it('learns the target of webhooks from OPTIONS, and from hooks that exist where OPTIONS is silent', async () => {
    const { twin, check, http } = await world();
    twin.tenant(9).switches.hookTarget = 'callback_url';
    expect(of(await check(), 'hook.target-member')).toMatchObject({
      finding: '"callback_url", by OPTIONS',
      confidence: 'likely',
      settings: [],
    });
    twin.tenant(9).switches.hookOptions = false;
    expect(of(await check(), 'hook.target-member')).toMatchObject({ confidence: 'untested' });
    hook(twin, 'https://relay.example.com/webhooks/x');
    const learnt = await check();
    expect(of(learnt, 'hook.target-member')).toMatchObject({
      confidence: 'seen',
      settings: ['PROVET_WEBHOOK_URL_FIELD=callback_url'],
    });
    expect(settingLines(learnt.findings)).toEqual(['PROVET_WEBHOOK_URL_FIELD=callback_url']);
    expect(http.requests.every(({ method }) => method !== 'POST')).toBe(true);
  });

  it('ends with 1 when a configured value is contradicted', async () => {
    const { check } = await world();
    const result = await check({ webhookUrlField: 'target_url' });
    expect(of(result, 'hook.target-member').contradicts).toBe(
      'PROVET_WEBHOOK_URL_FIELD=target_url, but it is "target"',
    );
    expect(exitCodeOf(result.findings)).toBe(EXIT.contradicted);
  });

  it('ends with 1 when pages are smaller than the relay reckons', async () => {
    const { check } = await world({}, (script) => (request, index) => {
      const small = request.url.endsWith('/client/') ? { ...request, url: `${request.url}?page_size=20` } : request;
      return script(small, index);
    });
    const result = await check();
    expect(of(result, 'client.default-page-size')).toMatchObject({
      finding: '20',
      contradicts: expect.stringContaining('reckons 50'),
    });
  });

  it('names the permission that is missing, and goes on', async () => {
    const { twin, check } = await world();
    twin.tenant(9).forbid('Financial: Invoices');
    twin.tenant(9).forbid('hooks');
    const result = await check();
    expect(text(result, 'invoice.reachable')).toBe('403: ask for the permission "Financial: Invoices"');
    expect(text(result, 'hook.target-member')).toContain('Settings: Integration settings');
    expect(text(result, 'error.403')).toBe('{detail: string} (on invoice/)');
    expect(text(result, 'client.modified-filter')).toBe('yes');
    expect(exitCodeOf(result.findings)).toBe(EXIT.notAllTested);
  });

  it('sees archived and merged records', async () => {
    const { twin, check } = await world();
    twin.put(9, 'client', 3, { archived: true });
    twin.merge(9, 'patient', { survivor: 1, alias: 2, aliasStays: true });
    const stays = await check();
    expect(text(stays, 'client.archived')).toMatch(/^yes, \d+ of 120; "include_archived=false" is honoured/);
    expect(text(stays, 'patient.merged')).toMatch(/^(yes: it stays in the list|yes, by its id)/);
    const gone = await world();
    gone.twin.merge(9, 'patient', { survivor: 1, alias: 2 });
    expect(text(await gone.check(), 'patient.merged')).toBe('no: 404');
  });

  it.each<[string, (twin: ProvetTwin) => void, RegExp]>([
    ['the token is refused', (twin) => void twin.tenant(9).revokeTokens(), /refuses the token/],
    ['everything is 404', (twin) => void (twin.tenant(9).switches.closed = 'json'), /answered 404/],
    ['nothing answers', (twin) => void twin.faults.add({ effect: { kind: 'reset' } }), /no answer \(reset\)/],
  ])('gives up when %s', async (_name, ruin, message) => {
    const { twin, check } = await world();
    ruin(twin);
    await expect(check()).rejects.toThrow(message);
    await expect(check()).rejects.toBeInstanceOf(Unreachable);
  });
});
