import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import {
  recordTopic,
  topicsOf,
  type ControlTopic,
  type ControlValue,
  type RecordEventValue,
  type SyncStatusValue,
  type TokenCommandValue,
} from '@relay/contracts';
import { RelayKafka, controlMessage } from '@relay/kafka';
import { SealingKeys } from '@relay/sealing';
import { Health, Log, Metrics, buildApp, readConfig } from '@relay/service-kit';
import {
  fileScope,
  keyring,
  provetTenant,
  relayEnvironment,
  serveTwin,
  testDatabase,
  testKafka,
  until,
} from '@relay/testing';
import { ProvetTwin } from '@relay/vendor-twins';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { crossChecks, settings } from './config.js';
import { provetSync } from './provet-sync.service-definition.js';

/** Two of the usual ones; beyond them one with a reduced list, one without `id` that is part of another, one without a time of change. */
const FURTHER = ['item', 'invoicerow', 'vatgroup'] as const;
const RESOURCES = ['client', 'patient', 'invoice', ...FURTHER];
const CLIENT = recordTopic('provet', 'client');
const topicOf = (resource: string) => recordTopic('provet', resource);
const file = fileScope();
const keys = keyring();
const twin = new ProvetTwin({ seed: 'provet-sync', origin: 'http://127.0.0.1:1', clock: Date.now });
const lines: string[] = [];
const records = new Map<string, RecordEventValue | null>();
const further = new Map<string, RecordEventValue | null>();
const statuses = new Map<string, SyncStatusValue>();
const commands: TokenCommandValue[] = [];
let app: NestFastifyApplication;
let kafka: RelayKafka;
let version = 0;

async function send<T extends ControlTopic>(
  topic: T,
  owner: string,
  key: string,
  value: ControlValue<T>,
): Promise<void> {
  await kafka.producer('control').send(controlMessage(kafka.partitions, topic, owner, key, value));
}

/** What the token-broker does: fetches a token, seals it to this service, publishes it. */
async function publishToken(): Promise<string> {
  const { clientId, secret } = twin.tenant(9).credential;
  const response = await fetch(`${twin.origin}/9/oauth2/token/`, {
    method: 'POST',
    headers: { authorization: `Basic ${btoa(`${clientId}:${secret}`)}` },
    body: new URLSearchParams({ grant_type: 'client_credentials' }),
  });
  const { access_token: token } = (await response.json()) as { access_token: string };
  const { tenantId, credentialId, host } = tenant();
  version += 1;
  const context = { topic: 'token.v1', tenantId, credentialId: credentialId as string, version, host: host as string };
  const sealed = await SealingKeys.parse(keys.PROVET_TOKEN_PUBLIC_JWKS).seal(token, context);
  await send('token.v1', tenantId, `${credentialId}#restapi`, {
    credentialId: credentialId as string,
    scopes: 'restapi',
    version,
    expiresAt: new Date(Date.now() + 3_600_000).toISOString(),
    sealed,
  });
  return token;
}

const tenant = () => provetTenant({ host: twin.host, scheme: 'http', provetId: 9 });

async function notice(trigger: number, recordId: string, resource = 'client'): Promise<void> {
  const { tenantId } = tenant();
  const receivedAt = new Date().toISOString();
  const value = { noticeId: `n-${Math.random()}`, tenantId, trigger, resource, recordId, receivedAt };
  await send('notice.v1', tenantId, tenantId, value);
}

const key = (id: number) => `${tenant().tenantId}/${id}`;
const becomes = (id: number, remarks: string) =>
  until(`client ${id} says ${remarks}`, () => records.get(key(id))?.record?.['remarks'] === remarks);

beforeAll(async () => {
  twin.addTenant({ id: 9, records: 40 });
  await serveTwin(file, twin);
  const topics = await testKafka(file);
  const { url } = await testDatabase(file, 'provet-sync');
  const parts = {
    kafka: topics,
    databaseUrl: url,
    keyring: keys,
    publicUrl: 'http://relay.test',
    provetHost: twin.host,
  };
  const env = { ...relayEnvironment(parts), PROVET_RESOURCES: RESOURCES.join(','), PROVET_RECONCILE_SECONDS: '3600' };
  const config = readConfig(settings, { env, crossChecks });
  const write = (line: string): void => void lines.push(line);
  const log = Log.create({ service: 'provet-sync', level: 'debug', format: 'json', write });
  const health = new Health();
  app = await buildApp(provetSync, config, { config, log, health, metrics: new Metrics() });
  await app.startAllMicroservices();
  kafka = new RelayKafka({
    service: 'provet-sync',
    settings: topics.settings,
    topics: topicsOf('provet-sync', RESOURCES),
  });
  const reader = kafka.tableReader({
    topics: [CLIENT, ...FURTHER.map(topicOf), 'sync-status.v1', 'token-command.v1'],
    onBatch: ({ topic, messages }) => {
      for (const message of messages) {
        const value = message.value as RecordEventValue | null;
        const resource = FURTHER.find((name) => topic === topicOf(name));
        if (topic === CLIENT) records.set(message.key, value);
        else if (resource !== undefined) further.set(`${resource} ${message.key}`, value);
        else if (topic === 'sync-status.v1') statuses.set(message.key, message.value as SyncStatusValue);
        else commands.push(message.value as TokenCommandValue);
      }
    },
  });
  await reader.loaded;
  await until('provet-sync is ready', async () => {
    const { status, checks } = await health.ready();
    if (status === 'down') throw new Error(JSON.stringify(checks));
    return true;
  });
});

afterAll(async () => {
  await app?.close();
  await kafka?.close();
});

describe('provet-sync on real Kafka and Postgres', () => {
  it('makes webhooks and reads everything of a tenant once it is active and has a token', async () => {
    await send('tenant.v1', tenant().tenantId, tenant().tenantId, tenant());
    await publishToken();
    await until('40 clients', () => records.size >= 40);
    for (const id of twin.ids(9, 'client')) expect(records.get(key(id))?.record).toEqual(twin.record(9, 'client', id));
    const live = () => statuses.get(`${tenant().tenantId}/client`)?.phase === 'live';
    await until('clients are live', live);
    const made = [...twin.tenant(9).hooks.values()].map((hook) => hook.trigger);
    expect(made.sort((a, b) => a - b)).toEqual([1, 2, 9, 10, 15, 23, 39, 60]);
  });

  it('publishes a change as soon as it is told of it', async () => {
    twin.put(9, 'client', 5, { remarks: 'moved house' });
    await notice(1, '5');
    await becomes(5, 'moved house');
    expect(records.get(key(5))?.lineage).toMatchObject({ cause: 'notice', trigger: 1 });
  });

  it('tells the broker of a token that was taken back, and goes on with the next', async () => {
    twin.tenant(9).revokeTokens();
    twin.put(9, 'client', 6, { remarks: 'after the token' });
    await notice(1, '6');
    await until('the broker is told', () => commands.some((command) => command.version === version));
    expect(commands).toHaveLength(1);
    await publishToken();
    await becomes(6, 'after the token');
  });

  it('deletes what the vendor has deleted, once the API itself says so', async () => {
    twin.remove(9, 'client', 7);
    await notice(39, '7');
    await until('client 7 is gone', () => records.get(key(7)) === null);
    expect(records.get(key(8))).not.toBeNull();
  });

  it.each(FURTHER)('relays %s, which the catalogue knows, like any other', async (resource) => {
    const { tenantId } = tenant();
    await until(`${resource} is live`, () => statuses.get(`${tenantId}/${resource}`)?.phase === 'live');
    const ids = twin.ids(9, resource);
    expect(ids.length).toBeGreaterThan(3);
    for (const id of ids) {
      const value = further.get(`${resource} ${tenantId}/${id}`);
      expect(value).toMatchObject({ resource, recordId: String(id), record: twin.record(9, resource, id) });
    }
    expect('modified' in (twin.record(9, resource, 1) ?? {})).toBe(resource !== 'vatgroup');
  });

  it('takes notices of those that have triggers', async () => {
    twin.put(9, 'item', 3, { name: 'Bandage, wide' });
    twin.remove(9, 'invoicerow', 4);
    await notice(15, '3', 'item');
    await notice(23, '4', 'invoicerow');
    const of = (resource: string, id: number) => further.get(`${resource} ${key(id)}`);
    await until('the item', () => of('item', 3)?.record?.['name'] === 'Bandage, wide');
    expect(of('item', 3)?.lineage).toMatchObject({ cause: 'notice', trigger: 15 });
    await until('the row is gone', () => of('invoicerow', 4) === null);
  });

  it('reads the parts again of what was changed, although they say nothing themselves', async () => {
    const of = (id: number) => further.get(`invoicerow ${key(id)}`);
    const modified = Date.parse(of(5)?.record?.['modified'] as string);
    // A line that was changed without moving its time of change, and one that was taken off without a webhook.
    twin.put(9, 'invoicerow', 5, { name: 'Corrected line' }, { notify: false, modifiedAt: modified });
    twin.remove(9, 'invoicerow', 6, { notify: false });
    twin.put(9, 'invoice', 5, { remarks: 'corrected' });
    twin.put(9, 'invoice', 6, { invoice_row: [] });
    await notice(9, '5', 'invoice');
    await notice(9, '6', 'invoice');
    await until('the line', () => of(5)?.record?.['name'] === 'Corrected line');
    expect(of(5)?.lineage).toMatchObject({ cause: 'poll', trigger: null });
    await until('the other line is gone', () => of(6) === null);
    expect(of(7)).not.toBeNull();
  });

  it('makes topics of what is enabled, and of nothing else', async () => {
    const topics = (await kafka.listTopics()).filter((name) => name.startsWith('provet.'));
    expect(topics.sort()).toEqual(RESOURCES.map(topicOf).sort());
  });

  it('writes no token and no path with an id into its log', () => {
    const text = lines.join('');
    expect(lines.length).toBeGreaterThan(10);
    for (const token of twin.tenant(9).tokens.keys()) expect(text).not.toContain(token);
    expect(text).not.toMatch(/api\/0\.1\/client\/\d/);
  });
});
