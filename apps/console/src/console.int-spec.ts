import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { topicsOf, type ControlTopic, type ControlValue, type SyncStatusValue } from '@relay/contracts';
import { RelayKafka, controlMessage } from '@relay/kafka';
import { Health, Log, Metrics, buildApp, readConfig } from '@relay/service-kit';
import {
  fileScope,
  keyring,
  relayEnvironment,
  startProcess,
  testDatabase,
  testKafka,
  until,
  type ServiceProcess,
} from '@relay/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { settings } from './config.js';
import type { Change } from './live/change-feed.js';
import { operatorConsole } from './service.js';
import type { TenantSummary } from './tenants/tenant-summary.js';

const HOSTILE = `<img src=x onerror="document.title='owned'">`;
const TENANT = 'exact:qa:<script>alert(1)</script>/x';
const file = fileScope();
const keys = keyring();

let registry: ServiceProcess;
let app: NestFastifyApplication;
let kafka: RelayKafka;
let base: string;

beforeAll(async () => {
  const topics = await testKafka(file);
  const { url } = await testDatabase(file, 'tenant-registry');
  const env = relayEnvironment({ kafka: topics, databaseUrl: url, keyring: keys, publicUrl: 'http://relay.test' });
  kafka = new RelayKafka({
    service: 'tenant-registry',
    settings: topics.settings,
    topics: topicsOf('tenant-registry'),
  });
  await kafka.topicsReady();
  registry = await startProcess(file, { service: 'tenant-registry', env });
  const config = readConfig(settings, {
    env: { ...env, TENANT_REGISTRY_URL: registry.url, TRUSTED_PROXIES: '127.0.0.1' },
  });
  const health = new Health();
  const write = (): void => {};
  const log = Log.create({ service: 'console', level: 'error', format: 'json', write });
  app = await buildApp(operatorConsole, config, { config, log, health, metrics: new Metrics() });
  await app.listen(0, '127.0.0.1');
  base = await app.getUrl();
  await until('the console is ready', async () => (await health.ready()).status === 'up', { timeoutMs: 30_000 });
});

afterAll(async () => {
  await app?.close();
  await kafka?.close();
});

const signIn = (token: string, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(`${base}/api/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ token }),
  });

async function cookie(): Promise<string> {
  const response = await signIn(keys.OPERATOR_TOKEN);
  return (response.headers.get('set-cookie') ?? '').split(';')[0] as string;
}

interface Page {
  readonly items: TenantSummary[];
  readonly totals: { states: Record<string, number>; missed: number; healed: number };
}
async function list(session: string, query = ''): Promise<Page> {
  const response = await fetch(`${base}/api/tenants${query}`, { headers: { cookie: session } });
  return (await response.json()) as Page;
}

async function send<T extends ControlTopic>(
  topic: T,
  owner: string,
  key: string,
  value: ControlValue<T>,
): Promise<void> {
  await kafka.producer('control').send(controlMessage(kafka.partitions, topic, owner, key, value));
}
const now = (): string => new Date().toISOString();

function status(resource: string, missed: number): SyncStatusValue {
  return {
    tenantId: TENANT,
    vendor: 'exact',
    resource,
    phase: 'live',
    reason: null,
    backfill: null,
    completeAsOf: now(),
    lastCheckedAt: now(),
    counters: { notices: 0, duplicates: 0, late: 0, missed, healed: missed, deleted: 0 },
    parked: 0,
    unpublished: 0,
    breaker: 'closed',
    updatedAt: now(),
  };
}

async function joinHostilePractice(): Promise<void> {
  const practiceId = TENANT.slice('exact:qa:'.length);
  await send('subscription-list.v1', 'exact:qa', 'qa', {
    environment: 'qa',
    practiceIds: [practiceId],
    observedAt: now(),
  });
  const session = await cookie();
  await until('the practice is pending', async () => (await list(session)).items.length === 1);
  await send('practice-details.v1', TENANT, TENANT, {
    tenantId: TENANT,
    environment: 'qa',
    practiceId,
    name: HOSTILE,
    country: null,
    version: null,
    observedAt: now(),
  });
  await until('the practice is active', async () => (await list(session)).items[0]?.state === 'active');
}

describe('signing in', () => {
  it('takes a token that the registry accepts, and gives the browser only a random id', async () => {
    const response = await signIn(keys.OPERATOR_TOKEN);
    expect(response.status).toBe(204);
    const set = response.headers.get('set-cookie') ?? '';
    expect(set).toMatch(/^relay_session=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict$/);
    expect(set).not.toContain(keys.OPERATOR_TOKEN);
    const secure = await signIn(keys.OPERATOR_TOKEN, { 'x-forwarded-proto': 'https' });
    expect(secure.headers.get('set-cookie')).toContain('; Secure');
  });

  it('refuses other tokens, other sites and requests without a session', async () => {
    expect((await signIn('wrong')).status).toBe(401);
    expect((await signIn('not a header\r\nvalue')).status).toBe(401);
    expect((await signIn(keys.OPERATOR_TOKEN, { 'sec-fetch-site': 'cross-site' })).status).toBe(403);
    expect((await signIn(keys.OPERATOR_TOKEN, { origin: 'http://evil.example' })).status).toBe(403);
    for (const path of ['/api/tenants', '/api/events']) expect((await fetch(`${base}${path}`)).status).toBe(401);
  });

  it('ends a session', async () => {
    const session = await cookie();
    const signedIn = async (): Promise<unknown> =>
      (await fetch(`${base}/api/session`, { headers: { cookie: session } })).json();
    expect(await signedIn()).toEqual({ signedIn: true });
    expect((await fetch(`${base}/api/tenants`, { headers: { cookie: session } })).status).toBe(200);
    const ended = await fetch(`${base}/api/session`, { method: 'DELETE', headers: { cookie: session } });
    expect([ended.status, ended.headers.get('set-cookie')]).toEqual([204, expect.stringContaining('Max-Age=0')]);
    expect(await signedIn()).toEqual({ signedIn: false });
    expect((await fetch(`${base}/api/tenants`, { headers: { cookie: session } })).status).toBe(401);
  });
});

describe('the list', () => {
  it('joins the registry with live statuses, hostile texts as they are', async () => {
    await joinHostilePractice();
    await send('sync-status.v1', TENANT, `${TENANT}/patient`, status('patient', 2));
    await send('sync-status.v1', TENANT, `${TENANT}/appointment`, status('appointment', 3));
    const session = await cookie();
    const page = await until('both statuses', async () => {
      const found = await list(session, '?q=SCRIPT&limit=1');
      return found.items[0]?.sync?.resources.length === 2 ? found : null;
    });
    expect(page.items[0]).toMatchObject({ tenantId: TENANT, displayName: HOSTILE, sync: { missed: 5, healed: 5 } });
    expect(page.items[0]?.sync?.freshnessSeconds).toBeLessThan(60);
    await until('the totals', async () => (await list(session)).totals.states['active'] === 1);
    expect((await list(session)).totals).toMatchObject({ missed: 5, healed: 5 });
    expect((await list(session, '?state=withdrawn')).items).toEqual([]);
    expect((await fetch(`${base}/api/tenants?limit=0`, { headers: { cookie: session } })).status).toBe(400);
  });

  it('pushes a change to whoever listens', async () => {
    const abort = new AbortController();
    const session = await cookie();
    const stream = await fetch(`${base}/api/events`, { headers: { cookie: session }, signal: abort.signal });
    expect(stream.headers.get('content-type')).toContain('text/event-stream');
    expect(stream.headers.get('content-security-policy')).toContain("default-src 'none'");
    let text = '';
    const reading = (async () => {
      for await (const chunk of stream.body as unknown as AsyncIterable<Uint8Array>)
        text += Buffer.from(chunk).toString();
    })().catch(() => undefined);
    await send('sync-status.v1', TENANT, `${TENANT}/patient`, status('patient', 9));
    const change = await until('the change', () => {
      const data = text.split('\n').findLast((line) => line.startsWith('data: '));
      const read = data === undefined ? null : (JSON.parse(data.slice('data: '.length)) as Change);
      return read?.totals.missed === 12 ? read : null;
    });
    expect(change.rows.map((row) => [row.tenantId, row.sync?.missed])).toEqual([[TENANT, 12]]);
    abort.abort();
    await reading;
  });
});

describe('the page', () => {
  it('comes with a policy under which no foreign or inline script can run', async () => {
    const response = await fetch(`${base}/`);
    const policy = response.headers.get('content-security-policy') ?? '';
    for (const rule of [
      "default-src 'none'",
      "script-src 'self'",
      "style-src 'self'",
      "connect-src 'self'",
      "img-src 'self' data:",
      "base-uri 'none'",
      "form-action 'self'",
      "frame-ancestors 'none'",
    ]) {
      expect(policy.split(';')).toContain(rule);
    }
    const html = await response.text();
    expect(html).not.toMatch(/<script(?![^>]*\bsrc=)|\son\w+=|\sstyle=/i);
    for (const [, address] of html.matchAll(/(?:src|href)="([^"#]+)"/g)) {
      expect([address, (await fetch(new URL(address as string, `${base}/`))).status]).toEqual([address, 200]);
    }
    expect((await fetch(`${base}/..%2f..%2fpackage.json`)).status).toBe(404);
    expect((await fetch(`${base}/`, { method: 'POST' })).status).toBe(405);
  });

  it('says so while the registry is away', async () => {
    const session = await cookie();
    await registry.stop();
    const response = await fetch(`${base}/api/tenants`, { headers: { cookie: session } });
    expect(response.status).toBe(503);
    expect((await signIn(keys.OPERATOR_TOKEN)).status).toBe(503);
  });
});
