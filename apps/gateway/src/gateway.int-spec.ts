import { request as httpRequest } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  CONTROL_TOPICS,
  HOOKUP_MEMBERS,
  partitionOf,
  topicsOf,
  webhookKey,
  webhookSigningKey,
  type HookupValue,
  type NoticeValue,
} from '@relay/contracts';
import { RelayKafka, type KafkaSettings, type Received } from '@relay/kafka';
import { OpeningKeys } from '@relay/sealing';
import { Health, Log, Metrics, buildApp, readConfig } from '@relay/service-kit';
import { fileScope, keyring, testKafka, until } from '@relay/testing';
import { beforeAll, describe, expect, it } from 'vitest';
import { gateway } from './gateway.js';

const HOST = '127.0.0.1:8080';
const TENANT = `provet:${HOST}:9`;
const FORM = 'application/x-www-form-urlencoded';
const scope = fileScope();
const keys = keyring();
const oldSecret = 'o'.repeat(40);
const secrets = `${keys.HOOKUP_SECRET},${oldSecret}`;
const seen: Received<unknown>[] = [];
const logLines: string[] = [];
let base = '';
let kafkaSettings: KafkaSettings;

async function startGateway(settings: KafkaSettings): Promise<string> {
  const config = readConfig(gateway.settings, {
    env: {
      ...keys,
      HOOKUP_SECRET: secrets,
      KAFKA_BROKERS: settings.kafkaBrokers.join(','),
      TOPIC_PREFIX: settings.topicPrefix,
      CONSUMER_GROUP_PREFIX: settings.consumerGroupPrefix,
      TOPIC_PARTITIONS: '4',
      PUBLIC_URL: 'http://127.0.0.1:3000',
      PROVET_ALLOWED_HOSTS: HOST,
      PROVET_ALLOW_HTTP: 'true',
    },
    defaults: { managementPort: 0 },
  });
  const log = Log.create({ service: 'gateway', level: 'debug', format: 'json', write: (line) => logLines.push(line) });
  const app = await buildApp(gateway, config, { config, log, health: new Health(), metrics: new Metrics() });
  scope.onTestFinished(() => app.close());
  await app.listen(0, '127.0.0.1');
  return `http://127.0.0.1:${(app.getHttpServer().address() as AddressInfo).port}`;
}

beforeAll(async () => {
  const { settings } = await testKafka(scope);
  base = await startGateway(settings);
  kafkaSettings = settings;
  const kafka = new RelayKafka({ service: 'gateway', settings, topics: topicsOf('gateway') });
  scope.onTestFinished(() => kafka.close());
  await kafka.topicsReady();
  const reader = kafka.tableReader({
    topics: ['hookup.v1', 'notice.v1'],
    onBatch: async (batch) => {
      await Promise.resolve(seen.push(...batch.messages));
    },
  });
  await reader.loaded;
});

const message = (over: Record<string, unknown> = {}) => ({
  provet_id: 9,
  client_id: 'client-9',
  client_secret: 'planted-secret',
  algorithm: 'RS256',
  authorization_grant_type: 'client_credentials',
  client_type: 'confidential',
  redirect_uris: '',
  token_url: `http://${HOST}/9/oauth2/token/`,
  authorize_url: `http://${HOST}/9/oauth2/authorize/`,
  openid_autodiscovery_url: null,
  ...over,
});
const post = (path: string, body: string, type: string | null, to = base) =>
  fetch(`${to}${path}`, {
    method: 'POST',
    body: Buffer.from(body),
    headers: type === null ? {} : { 'content-type': type },
  });
const hookup = (body: unknown, secret = keys.HOOKUP_SECRET, type: string | null = 'application/json') =>
  post(`/hookup/provet/${secret}`, typeof body === 'string' ? body : JSON.stringify(body), type);
const hookPath = (trigger: number | string, host = encodeURIComponent(HOST), key?: string) => {
  const own = webhookKey(webhookSigningKey(keys.WEBHOOK_KEYS), TENANT, trigger as 'any');
  return `/webhooks/provet/${host}/9/${trigger}/${key ?? own}`;
};
const hook = (trigger: number | 'any', body: string, type: string | null = FORM) => post(hookPath(trigger), body, type);
const hookups = () => seen.flatMap(({ value }) => (isHookup(value) ? [value] : []));
const notices = () => seen.flatMap(({ value }) => (isNotice(value) ? [value] : []));
const isHookup = (value: unknown): value is HookupValue => CONTROL_TOPICS['hookup.v1'].value.safeParse(value).success;
const isNotice = (value: unknown): value is NoticeValue => CONTROL_TOPICS['notice.v1'].value.safeParse(value).success;

async function problem(response: Promise<Response>, status: number): Promise<Record<string, unknown>> {
  const answer = await response;
  const text = await answer.text();
  expect({ status: answer.status, type: answer.headers.get('content-type') }).toEqual({
    status,
    type: expect.stringMatching(/^application\/problem\+json/) as string,
  });
  expect(text).not.toMatch(/at .*\.(js|ts):\d/);
  expect(text).not.toContain('planted');
  return JSON.parse(text) as Record<string, unknown>;
}

/** Sends only the head of a request and never its body; resolves with the status that comes all the same. */
function statusBeforeBody(path: string, headers: Record<string, string>): Promise<number> {
  return new Promise((resolve, reject) => {
    const sending = httpRequest(`${base}${path}`, { method: 'POST', headers }, (response) => {
      resolve(response.statusCode ?? 0);
      sending.destroy();
    });
    sending.on('error', reject);
    sending.flushHeaders();
  });
}

describe('the hookup URL', () => {
  it('takes a registration durably, with its secret sealed', async () => {
    const response = await hookup(message({ future: { a: 1 } }));
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({ tenantId: TENANT });
    const value = await until('the registration in the topic', () => hookups()[0]);
    const { registration, credentialId } = value;
    expect(value).toMatchObject({ tenantId: TENANT, credentialId: `${TENANT}/client-9`, host: HOST, source: 'hookup' });
    expect(registration).toMatchObject({ future: { a: 1 }, provet_id: 9 });
    const sealed = registration.client_secret as string;
    const context = { topic: 'hookup.v1', tenantId: TENANT, credentialId, host: HOST };
    expect(await OpeningKeys.parse(keys.CREDENTIAL_PRIVATE_JWKS).open(sealed, context)).toBe('planted-secret');
    const inLog = seen.find((one) => one.value === value);
    expect(inLog).toMatchObject({ key: credentialId, partition: partitionOf(TENANT, 4) });
  });

  it.each([
    ['again', message()],
    ['in the other spelling', message({ authorization_grant_type: 'client-credentials' })],
    ['without a secret', message({ client_secret: null })],
    ['under any client id', message({ client_id: `a/b:c ${'é'.repeat(400)}` })],
  ])('takes a registration %s', async (_what, body) => {
    expect((await hookup(body)).status).toBe(200);
  });

  it('takes JSON under its other names, and every secret while they are rotated', async () => {
    for (const type of ['application/json; charset=utf-8', 'application/vnd.provet+json', null]) {
      expect((await hookup(message(), keys.HOOKUP_SECRET, type)).status).toBe(200);
    }
    expect((await hookup(message(), oldSecret)).status).toBe(200);
    await problem(hookup(message(), secrets), 404);
  });

  it('names every bad member', async () => {
    for (const member of HOOKUP_MEMBERS) {
      const { [member]: _left, ...rest } = message() as Record<string, unknown>;
      const body = await problem(hookup(rest), 400);
      expect(body).toMatchObject({ errors: [{ member }], instance: '/hookup/provet/{secret}' });
      expect(body['detail']).toContain(member);
    }
    const two = await problem(hookup(message({ provet_id: 0, client_type: 'planted' })), 400);
    expect(two['errors']).toHaveLength(2);
  });

  it('refuses forged addresses without calling them', async () => {
    const evil = 'http://127.0.0.1:8081/9/oauth2/token/';
    for (const member of ['token_url', 'authorize_url', 'openid_autodiscovery_url']) {
      const body = await problem(hookup(message({ [member]: evil })), 403);
      expect(body).toMatchObject({ code: 'host-not-allowed' });
    }
    const malformed = [
      'file:///planted',
      `http://${HOST}@127.0.0.1:8081/9/oauth2/token/`,
      `http://${HOST}/10/oauth2/token/`,
    ];
    for (const url of malformed) {
      expect(await problem(hookup(message({ token_url: url })), 400)).toMatchObject({
        errors: [{ member: 'token_url' }],
      });
    }
  });

  it('asks for the secret before anything else is looked at', async () => {
    const wrong = '/hookup/provet/planted-wrong';
    await problem(post(wrong, '{', 'application/json'), 404);
    await problem(post(wrong, 'x', 'text/plain'), 404);
    await problem(post(wrong, 'x', 'nonsense'), 404);
    const huge = { 'content-type': 'application/json', 'content-length': '9000000' };
    expect(await statusBeforeBody(wrong, huge)).toBe(404);
  });

  it('asks for the type, then the size, then the syntax', async () => {
    const own = `/hookup/provet/${keys.HOOKUP_SECRET}`;
    expect(await statusBeforeBody(own, { 'content-type': 'text/plain', 'content-length': '9000000' })).toBe(415);
    expect(await statusBeforeBody(own, { 'content-type': 'application/json', 'content-length': '65537' })).toBe(413);
    await problem(hookup('{"provet_id":'), 400);
    await problem(hookup(''), 400);
    await problem(hookup('[]'), 400);
    await problem(hookup('a=b', keys.HOOKUP_SECRET, FORM), 415);
    await problem(hookup(message(), keys.HOOKUP_SECRET, 'nonsense'), 415);
  });
});

describe('a webhook', () => {
  it.each([
    [1, 'client_id=1', FORM, { resource: 'client', recordId: '1', trigger: 1 }],
    [1, '{"client_id":"2"}', 'application/json', { resource: 'client', recordId: '2', trigger: 1 }],
    [1, '{"client_id":3,"user":"u","timestamp":"x"}', null, { resource: 'client', recordId: '3', trigger: 1 }],
    [1, 'client_id=4&user=2', `${FORM}; charset=utf-8`, { resource: 'client', recordId: '4', trigger: 1 }],
    [1, 'client_id=5', 'text/plain', { resource: 'client', recordId: '5', trigger: 1 }],
    [1, 'client_id=6', 'nonsense', { resource: 'client', recordId: '6', trigger: 1 }],
    [999, 'thing_id=A-1', FORM, { resource: null, recordId: 'A-1', trigger: 999 }],
    ['any' as const, 'appointment_id=7', FORM, { resource: 'appointment', recordId: '7', trigger: 'any' }],
  ])(
    'of trigger %s with %s as %s is answered 200 and empty, and is in the topic',
    async (trigger, body, type, notice) => {
      const response = await hook(trigger, body, type);
      expect(response.status).toBe(200);
      expect(await response.text()).toBe('');
      const found = await until('the notice', () => notices().find(({ recordId }) => recordId === notice.recordId));
      expect(found).toMatchObject({ ...notice, tenantId: TENANT });
      const inLog = seen.find(({ value }) => value === found);
      expect(inLog).toMatchObject({ key: TENANT, partition: partitionOf(TENANT, 4) });
    },
  );

  it('may write its host with a literal colon or in upper case', async () => {
    expect((await post(hookPath(1, HOST), 'client_id=1', FORM)).status).toBe(200);
    const key = webhookKey(webhookSigningKey(keys.WEBHOOK_KEYS), 'provet:eu.provetcloud.com:9', 1);
    expect((await post(hookPath(1, 'EU.provetcloud.com', key), 'client_id=1', FORM)).status).toBe(200);
  });

  it('may have a host far longer than a router takes by default', async () => {
    const host = `${'a'.repeat(60)}.${'b'.repeat(60)}.example`;
    const key = webhookKey(webhookSigningKey(keys.WEBHOOK_KEYS), `provet:${host}:9`, 1);
    expect((await post(hookPath(1, host, key), 'client_id=1', FORM)).status).toBe(200);
  });

  it('is unknown under a wrong key, another trigger or no trigger at all, before its body is read', async () => {
    const own = hookPath(1).split('/').at(-1) as string;
    const wrong = own.replace(/.$/, (c) => (c === 'A' ? 'B' : 'A'));
    await problem(post(hookPath(1, undefined, wrong), 'client_id=1', FORM), 404);
    await problem(post(hookPath(2, undefined, own), 'client_id=1', FORM), 404);
    for (const trigger of ['0', 'x', '1.5']) await problem(post(hookPath(trigger), 'client_id=1', FORM), 404);
    expect(await statusBeforeBody(hookPath(1, undefined, wrong), { 'content-length': '9000000' })).toBe(404);
    expect(await statusBeforeBody(hookPath(1), { 'content-length': '16385' })).toBe(413);
  });

  it.each([
    ['', 'application/json'],
    ['{', 'application/json'],
    ['hello', 'text/plain'],
    ['client_id=', FORM],
    ['{"client_id":{"$gt":1}}', 'application/json'],
    ['client_id=../../etc', FORM],
    ['', null],
  ])('with %j as %s has no usable id', async (body, type) => {
    expect(await problem(hook(1, body, type), 400)).toMatchObject({ code: 'no-record-id' });
  });
});

describe('other requests', () => {
  it('are answered 404, or 405 with Allow where the path is known', async () => {
    await problem(fetch(`${base}/nope`), 404);
    for (const path of [`/hookup/provet/${keys.HOOKUP_SECRET}`, hookPath(1)]) {
      const response = await fetch(`${base}${path}`);
      expect(response.headers.get('allow')).toBe('POST');
      await problem(Promise.resolve(response), 405);
    }
    await problem(fetch(`${base}/webhooks/provet/%ZZ/9/1/x`, { method: 'POST' }), 404);
  });
});

describe('while nothing durable can take it', () => {
  it('a request is answered 503 with Retry-After within ten seconds, never 200', async () => {
    const started = Date.now();
    const away = await startGateway({ ...kafkaSettings, kafkaBrokers: ['127.0.0.1:1'] });
    const webhooks = [1, 2, 3].map((id) => post(hookPath(1), `client_id=${id}`, FORM, away));
    const registration = post(
      `/hookup/provet/${keys.HOOKUP_SECRET}`,
      JSON.stringify(message()),
      'application/json',
      away,
    );
    for (const sent of [...webhooks, registration]) {
      expect((await sent).headers.get('retry-after')).toMatch(/^\d+$/);
      await problem(sent, 503);
    }
    expect(Date.now() - started).toBeLessThan(10_000);
  });
});

it('keeps secrets, keys and bodies out of the log', () => {
  const log = logLines.join('');
  expect(log).toContain('/webhooks/provet/{host}/{provetId}/{trigger}/{key}');
  for (const secret of [keys.HOOKUP_SECRET, oldSecret, keys.WEBHOOK_KEYS, hookPath(1).split('/').at(-1), 'planted']) {
    expect(log).not.toContain(secret);
  }
});
