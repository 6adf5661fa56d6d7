import { DEAD_LETTER_SPEC, SERVICES, recordTopicSpec, topicsOf } from '@relay/contracts';
import { fileScope, keyring, until, type ServiceProcess } from '@relay/testing';
import { randomBytes } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { ConsentingBrowser } from '../apps/token-broker/src/test-support/consenting-browser.js';
import { OidcVendor } from '../apps/token-broker/src/test-support/oidc-vendor.js';
import { Planted } from './support/planted.js';
import { dumpTables, plantedDatabase } from './support/planted-database.js';
import {
  KINDS,
  consentRegistration,
  plantSettings,
  plantWebhookKeys,
  plantWhatVendorsGive,
  startInVain,
  startWithWrongSettings,
  writePoison,
} from './support/planted-run.js';
import { recordAnswers, type RecordedAnswer } from './support/recorded-answers.js';
import { RelayStack } from './support/relay-stack.js';
import { dumpTopics } from './support/topic-dump.js';

const ROOT = join(import.meta.dirname, '..');
const scope = fileScope();
const planted = new Planted();
const plain = (kind: string) => `planted-${kind.replaceAll(/[ _]/g, '-')}-${randomBytes(12).toString('hex')}`;
/** With characters that addresses, forms, JSON and HTML write in another way. */
const odd = (kind: string) => `${plain(kind)} "/+%&<ü`;
const plant = (kind: string, secret: string | null | undefined = odd(kind)): string => {
  planted.plant(kind, secret);
  return secret ?? '';
};

const DATABASE_PASSWORD = odd('database password');
const RESOURCES = ['client', 'patient'] as const;
const keys = { ...keyring(), HOOKUP_SECRET: plain('hookup secret') };
const CONSENTING = 61;
const REASON = JSON.stringify({ reason: 'the end of the test' });

/** Services that were started in vain. */
const failed: ServiceProcess[] = [];
let relay: RelayStack;
let vendor: OidcVendor;
let answers: RecordedAnswer[] = [];
let tenantId = '';

const pathOf = (id: string) => `/tenants/${encodeURIComponent(id)}`;
const post = (path: string, body: unknown) =>
  relay.registry(path, { method: 'POST', body: typeof body === 'string' ? body : JSON.stringify(body) });
const statusOf = async (answer: Promise<Response>) => (await answer).status;

beforeAll(async () => {
  vendor = await OidcVendor.start(scope);
  const databaseUrl = await plantedDatabase(scope, DATABASE_PASSWORD);
  const env = { LOG_LEVEL: 'trace', PROVET_RESOURCES: RESOURCES.join(',') };
  relay = await RelayStack.start(scope, { services: [], exact: true, keys, databaseUrl, env });
  plantSettings(planted, keys, DATABASE_PASSWORD);
  plantWhatVendorsGive(planted, relay, vendor);
  const hosts = new Set<string>();
  answers = recordAnswers(scope, hosts);
  const over = { env: { PROVET_ALLOWED_HOSTS: `${relay.simulator.host},${vendor.host}` } };
  await Promise.all(SERVICES.map((service) => relay.startService(service, over)));
  for (const { url, managementUrl } of relay.services.values()) {
    hosts.add(new URL(url).host);
    hosts.add(new URL(managementUrl).host);
  }
});

describe('what a relay does with its secrets', () => {
  it('serves practices of both vendors, over a token that was refused', async () => {
    const { provet, exact } = relay.simulator;
    exact.addPractice({ id: 'UKTEST1', records: 3 });
    tenantId = await relay.joinProvet({ id: 1, records: 3, secret: plant('client secret') });
    plantWebhookKeys(planted, keys, tenantId);
    await until('its webhooks are made', () => provet.tenant(1).hooks.size >= RESOURCES.length, { timeoutMs: 30_000 });
    for (const breakIt of [() => undefined, () => provet.tenant(1).tokens.clear()]) {
      breakIt();
      const seen = provet.requests.last;
      provet.put(1, 'client', 1, { firstname: plain('no secret') });
      await until('the change is fetched', () =>
        provet.requests.list(/^GET \/1\/api\/0\.1\/client\/1\//, seen).some(({ status }) => status === 200),
      );
    }
    expect(await relay.untilState('exact:qa:UKTEST1', 'active', 60_000)).toMatchObject({ vendor: 'exact' });
  });

  it('is given a consent, and refreshes it', async () => {
    const callbackUrl = `${relay.gatewayUrl}/oauth/callback`;
    const secret = plant('client secret of the consent', plain('consent secret'));
    const ttl = { AccessToken: 8, AuthorizationCode: 60, Grant: 3600, IdToken: 600, Interaction: 600 };
    vendor.addTenant(
      CONSENTING,
      { clientId: 'consenting', secret, redirectUri: callbackUrl },
      { ttl: { ...ttl, RefreshToken: 3600, Session: 600 } },
    );
    const redirect = { client_id: 'consenting', client_secret: secret, redirect_uris: callbackUrl };
    expect(await statusOf(relay.hookup({ ...consentRegistration(relay, vendor, CONSENTING), ...redirect }))).toBe(200);
    const consenting = `provet:${vendor.host}:${CONSENTING}`;
    await relay.untilState(consenting, 'awaiting-consent');
    const { url } = (await (await post(`${pathOf(consenting)}/consent-link`, REASON)).json()) as { url: string };
    plant('invite', new URL(url).searchParams.get('invite'));
    const browser = new ConsentingBrowser();
    const sent = await browser.open(url);
    const away = sent.headers.get('location') ?? '';
    for (const kind of ['state', 'nonce']) plant(kind, new URL(away).searchParams.get(kind));
    plant("mark of the person's browser", /=([^;]+)/.exec(sent.headers.get('set-cookie') ?? '')?.[1]);
    const back = await browser.consentAt(away, callbackUrl);
    plant('authorization code', new URL(back).searchParams.get('code'));
    const ended = await browser.open(back);
    await browser.open(ended.headers.get('location') ?? '');
    await relay.untilState(consenting, 'active');
    const sentForms = () => vendor.bodies.map((body) => new URLSearchParams(body));
    plant(
      'PKCE verifier',
      sentForms()
        .find((form) => form.has('code_verifier'))
        ?.get('code_verifier'),
    );
    await until('it is refreshed', () => sentForms().some((form) => form.get('grant_type') === 'refresh_token'), {
      timeoutMs: 30_000,
    });
    // Used up, made up, or of nobody.
    const strange = new URL(back);
    strange.searchParams.set('state', plant('strange state', randomBytes(32).toString('base64url')));
    strange.searchParams.set('code', plant('strange code'));
    const noInvite = new URL(url);
    noInvite.searchParams.set('invite', plant('strange invite', randomBytes(32).toString('base64url')));
    for (const address of [back, url, strange.href, noInvite.href]) {
      const answer = await browser.open(address);
      const clean = answer.headers.get('location');
      const page = clean === null ? answer : await browser.open(clean);
      expect([page.status, clean ?? ''], new URL(address).pathname).toEqual([
        expect.toSatisfy((status: number) => status >= 400),
        expect.not.stringContaining('connected'),
      ]);
    }
  });

  it('is sent wrong ones, at every door', async () => {
    const { provet } = relay.simulator;
    const hookup = (over: object) => ({ ...provet.hookup(1), ...over });
    expect(await statusOf(relay.hookup(hookup({}), plant('wrong hookup secret', plain('wrong hookup'))))).toBe(404);
    expect(await statusOf(relay.hookup(hookup({ provet_id: 'x', client_secret: plant('secret of no form') })))).toBe(
      400,
    );
    expect(await statusOf(relay.hookup(`{"client_secret":${JSON.stringify(plant('secret of no JSON'))},`))).toBe(400);
    const elsewhere = { token_url: 'https://new.example/1/t/', authorize_url: 'https://new.example/1/a/' };
    expect(await statusOf(relay.hookup(hookup({ ...elsewhere, client_secret: plant('held secret') })))).toBe(403);
    expect(await statusOf(relay.hookup(hookup({ client_secret: plant('rejected secret') })))).toBe(200);
    await until('the vendor has rejected it', () => relay.service('token-broker').log().includes('candidate rejected'));
    const hookUrl = relay.hookUrl(1, 1);
    const wrongKey = plant('wrong webhook key', randomBytes(24).toString('base64url'));
    expect(await statusOf(fetch(hookUrl.replace(/[^/]+$/, wrongKey), { method: 'POST', body: 'client_id=1' }))).toBe(
      404,
    );
    expect(await statusOf(fetch(`${hookUrl}?${plant('query')}`, { method: 'POST', body: '{' }))).toBe(400);
    const base = relay.service('tenant-registry').url;
    const authorization = `Bearer ${plant('wrong operator token', plain('wrong operator'))}`;
    expect(await statusOf(fetch(`${base}/tenants`, { headers: { authorization } }))).toBe(401);
    const short = {
      apiUrl: `http://${relay.simulator.host}/3/api/0.1/`,
      clientId: 'three',
      grant: 'client_credentials',
    };
    provet.addTenant({ id: 3, clientId: 'three', secret: plant('secret by an operator'), records: 1 });
    const { secret } = provet.tenant(3).credential;
    expect(await statusOf(post('/tenants', { ...short, grant: 'none', clientSecret: plant('refused secret') }))).toBe(
      400,
    );
    expect(await statusOf(post('/tenants', { ...short, clientSecret: secret }))).toBe(201);
    await relay.untilState(relay.tenantId(3), 'active');
    // These hand out what they are asked for, once and to whom it belongs.
    expect(await statusOf(relay.registry(`${pathOf(tenantId)}/webhook-urls`))).toBe(200);
  });

  it('reads messages that nobody should have written', async () => {
    await writePoison(relay, tenantId, plant('poison'));
    const letters = async (topic: string) =>
      (await dumpTopics(relay.kafka, [DEAD_LETTER_SPEC])).filter(
        ({ headers }) => headers['dlq-topic']?.endsWith(topic) === true,
      ).length;
    for (const topic of ['hookup.v1', 'token.v1']) {
      const aside = async () => (await letters(topic)) >= 2;
      expect(await until(`${topic} is free again`, aside, { timeoutMs: 60_000, everyMs: 1000 })).toBe(true);
    }
  });

  it('is started in vain', async () => {
    failed.push(...(await startWithWrongSettings(scope, planted, plain)));
    for (const started of failed) expect(await started.ended, started.service).toBe('78');
    const wrong = new URL(relay.databaseUrl);
    wrong.password = encodeURIComponent(plant('wrong database password'));
    const sasl = {
      KAFKA_SASL_MECHANISM: 'plain',
      KAFKA_SASL_USERNAME: 'relay',
      KAFKA_SASL_PASSWORD: plant('SASL password'),
    };
    const noDatabase = await startInVain(scope, relay, 'tenant-registry', { DATABASE_URL: wrong.href });
    const noKafka = await startInVain(scope, relay, 'console', sasl);
    failed.push(noDatabase, noKafka);
    await until('Postgres has refused it', () => /password authentication failed|28P01/.test(noDatabase.log()), {
      timeoutMs: 30_000,
    });
    await until('Kafka has refused it', () => /SASL state|SASL mechanism|authentication failed/i.test(noKafka.log()), {
      timeoutMs: 30_000,
    });
  });

  it('shows pages to operators', async () => {
    const console_ = relay.service('console').url;
    const signIn = (token: string) =>
      fetch(`${console_}/api/session`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ token }),
      });
    expect((await signIn(plant('wrong operator token at the console', plain('console')))).status).toBe(401);
    const cookie = (await signIn(keys.OPERATOR_TOKEN)).headers.get('set-cookie')?.split(';')[0] ?? '';
    plant('console session', cookie.split('=')[1]);
    for (const page of ['', ...readdirSync(join(ROOT, 'apps', 'console', 'public'))]) {
      expect((await fetch(`${console_}/${page}`, { headers: { cookie } })).status, page).toBe(200);
    }
    expect((await fetch(`${console_}/api/tenants`, { headers: { cookie } })).status).toBe(200);
    for (const path of ['/tenants', '/holds', '/audit', '/openapi.json', pathOf(tenantId), pathOf(relay.tenantId(3))]) {
      expect((await relay.registry(path)).status, path).toBe(200);
    }
  });

  it('withdraws practices', async () => {
    const { provet } = relay.simulator;
    const consenting = `provet:${vendor.host}:${CONSENTING}`;
    for (const id of [tenantId, consenting]) expect((await post(`${pathOf(id)}/withdraw`, REASON)).status).toBe(202);
    await until('its token is revoked', () => provet.tenant(1).tokens.size === 0, { timeoutMs: 60_000 });
    await until('the consent is revoked', () => vendor.bodies.some((body) => body.startsWith('token=')), {
      timeoutMs: 90_000,
    });
    for (const { managementUrl } of relay.services.values()) {
      for (const path of ['metrics', 'health/ready', 'health/live']) await fetch(`${managementUrl}/${path}`);
    }
  });
});

describe('a planted secret', () => {
  beforeAll(async () => {
    await Promise.all([...relay.services.values(), ...failed].map((service) => service.stop()));
    planted.mayStandIn(/^answer: POST \/tenants\/[^/]+\/consent-link 201$/, /^invite$/);
    planted.mayStandIn(/^answer: GET \/oauth\/provet\/[^/]+\/authorize 302$/, /^(state|nonce|mark of .*)$/);
    planted.mayStandIn(/^answer: GET \/tenants\/[^/]+\/webhook-urls 200$/, /^webhook URL$/);
    planted.mayStandIn(/^answer: POST \/api\/session 204$/, /^console session$/);
    // Written there by this test itself.
    planted.mayStandIn(/^topic: (hookup|token)\.v1 /, /^poison$/);
    for (const service of [...relay.services.values(), ...failed])
      planted.search(`log: ${service.service}`, service.log());
    for (const { name, text } of answers) planted.search(name, text);
    const records = [
      ...RESOURCES.map((resource) => recordTopicSpec('provet', resource)),
      ...['practice', 'practitioner', 'appointment', 'patient'].map((resource) => recordTopicSpec('exact', resource)),
    ];
    const specs = new Map([...SERVICES.flatMap((service) => topicsOf(service)), ...records].map((s) => [s.name, s]));
    for (const { topic, key, headers, value } of await dumpTopics(relay.kafka, [...specs.values()])) {
      const lines = Object.entries(headers).map(([name, text]) => `${name}: ${text}`);
      planted.search(`topic: ${topic} message`, [key, ...lines, value].join('\n'));
    }
    for (const { table, text } of await dumpTables(relay.databaseUrl)) planted.search(`table: ${table}`, text);
    planted.search('file: .env.example', readFileSync(join(ROOT, '.env.example'), 'utf8'));
    console.log(`looked for ${planted.count} secrets of ${planted.kinds.length} kinds in`, planted.summary());
  });

  it('of every kind was there to be found', () => {
    expect(planted.kinds).toEqual(expect.arrayContaining([...KINDS]));
  });

  it('was looked for in everything that the relay writes', () => {
    const { log, answer, topic, table } = planted.summary();
    expect(log?.texts).toBe(2 * SERVICES.length + 2);
    expect(log?.bytes).toBeGreaterThan(30_000);
    expect(answer?.texts).toBeGreaterThan(60);
    expect(topic?.texts).toBeGreaterThan(60);
    expect(table?.texts).toBeGreaterThan(20);
    const topics = planted.places('topic').map((place) => place.split(' ')[1]);
    for (const name of ['hookup.v1', 'held-hookup.v1', 'token.v1', 'credential.v1', 'dead-letter.v1', 'audit.v1']) {
      expect(topics).toContain(name);
    }
  });

  it('is found nowhere', () => {
    expect(planted.findings).toEqual([]);
  });
});
