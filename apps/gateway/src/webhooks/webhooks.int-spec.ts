import { partitionOf, topicsOf, webhookKey, webhookSigningKey, type NoticeValue } from '@relay/contracts';
import { RelayKafka, type Received } from '@relay/kafka';
import { fileScope, testKafka, until } from '@relay/testing';
import { beforeAll, describe, expect, it } from 'vitest';
import { FORM, TENANT, hookPath, post, problem, statusBeforeBody } from '../test-support/gateway-requests.js';
import { HOST, keys, logLines, startGateway } from '../test-support/running-gateway.js';

const scope = fileScope();
const seen: Received<unknown>[] = [];
let base = '';

beforeAll(async () => {
  const { settings } = await testKafka(scope);
  base = (await startGateway(scope, settings)).url;
  const kafka = new RelayKafka({ service: 'gateway', settings, topics: topicsOf('gateway') });
  scope.onTestFinished(() => kafka.close());
  await kafka.topicsReady();
  const reader = kafka.tableReader({
    topics: ['notice.v1'],
    onBatch: async (batch) => {
      await Promise.resolve(seen.push(...batch.messages));
    },
  });
  await reader.loaded;
});

const hook = (trigger: number | 'any', body: string, type: string | null = FORM) =>
  post(base + hookPath(trigger), body, type);
const notices = () => seen.map(({ value }) => value as NoticeValue);

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
    expect((await post(base + hookPath(1, HOST), 'client_id=1', FORM)).status).toBe(200);
    const key = webhookKey(webhookSigningKey(keys.WEBHOOK_KEYS), 'provet:eu.provetcloud.com:9', 1);
    expect((await post(base + hookPath(1, 'EU.provetcloud.com', key), 'client_id=1', FORM)).status).toBe(200);
  });

  it('may have a host far longer than a router takes by default', async () => {
    const host = `${'a'.repeat(60)}.${'b'.repeat(60)}.example`;
    const key = webhookKey(webhookSigningKey(keys.WEBHOOK_KEYS), `provet:${host}:9`, 1);
    expect((await post(base + hookPath(1, host, key), 'client_id=1', FORM)).status).toBe(200);
  });

  it('is unknown under a wrong key, another trigger or no trigger at all, before its body is read', async () => {
    const own = hookPath(1).split('/').at(-1) as string;
    const wrong = own.replace(/.$/, (c) => (c === 'A' ? 'B' : 'A'));
    await problem(post(base + hookPath(1, undefined, wrong), 'client_id=1', FORM), 404);
    await problem(post(base + hookPath(2, undefined, own), 'client_id=1', FORM), 404);
    for (const trigger of ['0', 'x', '1.5']) await problem(post(base + hookPath(trigger), 'client_id=1', FORM), 404);
    expect(await statusBeforeBody(base + hookPath(1, undefined, wrong), { 'content-length': '9000000' })).toBe(404);
    expect(await statusBeforeBody(base + hookPath(1), { 'content-length': '16385' })).toBe(413);
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

it('keeps secrets, keys and bodies out of the log', () => {
  const log = logLines.join('');
  expect(log).toContain('/webhooks/provet/{host}/{provetId}/{trigger}/{key}');
  for (const secret of [keys.HOOKUP_SECRET, keys.WEBHOOK_KEYS, hookPath(1).split('/').at(-1), 'planted']) {
    expect(log).not.toContain(secret);
  }
});
