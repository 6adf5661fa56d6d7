import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import {
  EXACT_RESOURCES,
  exactScopeSet,
  recordTopic,
  topicsOf,
  type ControlTopic,
  type ControlValue,
  type PracticeDetailsValue,
  type RecordEventValue,
  type SubscriptionListValue,
  type SyncStatusValue,
  type TenantValue,
  type TokenCommandValue,
} from '@relay/contracts';
import { RelayKafka, controlMessage } from '@relay/kafka';
import { SealingKeys } from '@relay/sealing';
import { Health, Log, Metrics, buildApp, readConfig } from '@relay/service-kit';
import {
  exactTenant,
  fileScope,
  keyring,
  relayEnvironment,
  serveTwin,
  testDatabase,
  testKafka,
  until,
} from '@relay/testing';
import { EXACT_SCOPES, ExactTwin } from '@relay/vendor-twins';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { crossChecks, settings, type ExactSyncConfig } from './config.js';
import { exactSync } from './exact-sync.service-definition.js';

const OWNER = 'exact:qa';
const CREDENTIAL = `${OWNER}/relay`;
const RESOURCES = ['practice', 'practitioner', 'appointment', 'patient'];
const RECORD_TOPICS = RESOURCES.map((resource) => recordTopic('exact', resource));
const file = fileScope();
const keys = keyring();
const twin = new ExactTwin({ seed: 'exact-sync', origin: 'http://127.0.0.1:1', clock: Date.now });
const records = new Map<string, RecordEventValue | null>();
const listings: SubscriptionListValue[] = [];
const details = new Map<string, PracticeDetailsValue>();
const statuses = new Map<string, SyncStatusValue>();
const commands: TokenCommandValue[] = [];
let app: NestFastifyApplication;
let kafka: RelayKafka;
let config: ExactSyncConfig;
let version = 0;

async function send<T extends ControlTopic>(
  topic: T,
  owner: string,
  key: string,
  value: ControlValue<T>,
): Promise<void> {
  await kafka.producer('control').send(controlMessage(kafka.partitions, topic, owner, key, value));
}

/** What the registry does: says in which state a practice is. */
const become = (practiceId: string, state: TenantValue['state'], version: number) => {
  const tenant = exactTenant({ practiceId, state, version, credentialId: CREDENTIAL });
  return send('tenant.v1', tenant.tenantId, tenant.tenantId, tenant);
};

/** What the token-broker does: fetches a token for each scope set, seals it to this service, says what is granted. */
async function publishToken(): Promise<void> {
  version += 1;
  const granted = config.exactScopes.filter((scope) => twin.tokens.clients.get('relay')?.scopes.includes(scope));
  const missing = config.exactScopes.filter((scope) => !granted.includes(scope));
  const sets = EXACT_RESOURCES.map((resource) => exactScopeSet(resource, granted));
  for (const scopes of new Set(sets.flatMap((set) => (set.kind === 'granted' ? [set.scopes] : [])))) {
    const response = await fetch(`${twin.origin}/connect/token`, {
      method: 'POST',
      headers: { authorization: `Basic ${btoa('relay:s')}` },
      body: new URLSearchParams({ grant_type: 'client_credentials', scope: scopes }),
    });
    const { access_token: token } = (await response.json()) as { access_token: string };
    const context = { topic: 'token.v1', tenantId: OWNER, credentialId: CREDENTIAL, version };
    await send('token.v1', OWNER, `${CREDENTIAL}#${scopes}`, {
      credentialId: CREDENTIAL,
      scopes,
      version,
      expiresAt: new Date(Date.now() + 3_600_000).toISOString(),
      sealed: await SealingKeys.parse(keys.EXACT_TOKEN_PUBLIC_JWKS).seal(token, context),
    });
  }
  await send('credential.v1', OWNER, CREDENTIAL, {
    credentialId: CREDENTIAL,
    tenantId: OWNER,
    health: 'proven',
    inForce: true,
    version,
    checkedAt: new Date().toISOString(),
    expiresAt: null,
    code: null,
    capabilities: { granted, missing },
  });
}

const recordOf = (practiceId: string, resource: string, id: string) =>
  records.get(`${recordTopic('exact', resource)} exact:qa:${practiceId}/${id.toLowerCase()}`);
const phaseOf = (practiceId: string, resource: string) => statuses.get(`exact:qa:${practiceId}/${resource}`)?.phase;

/** An appointment of tomorrow, so that the near window shows it. */
function book(practiceId: string, fields: Record<string, string> = {}): string {
  const startDate = new Date(Date.now() + 86_400_000).toISOString();
  return twin.put(practiceId, 'appointment', null, { startDate, ...fields })['id'] as string;
}

function read(values: readonly { readonly topic: string; readonly key: string; readonly value: unknown }[]): void {
  for (const { topic, key, value } of values) {
    if (RECORD_TOPICS.includes(topic)) records.set(`${topic} ${key}`, value as RecordEventValue | null);
    else if (topic === 'subscription-list.v1') listings.push(value as SubscriptionListValue);
    else if (topic === 'practice-details.v1') details.set(key, value as PracticeDetailsValue);
    else if (topic === 'sync-status.v1') statuses.set(key, value as SyncStatusValue);
    else commands.push(value as TokenCommandValue);
  }
}

beforeAll(async () => {
  twin.addClient({ id: 'relay', secret: 's' });
  for (const id of ['UP', 'DOWN']) twin.addPractice({ id, records: 30 });
  const origin = await serveTwin(file, twin);
  const topics = await testKafka(file);
  const { url } = await testDatabase(file, 'exact-sync');
  const exact = { url: origin, clientId: 'relay', secret: 's' };
  const env = relayEnvironment({
    kafka: topics,
    databaseUrl: url,
    keyring: keys,
    publicUrl: 'http://relay.test',
    exact,
  });
  config = readConfig(settings, {
    env: { ...env, EXACT_SUBSCRIPTION_SECONDS: '1', EXACT_POLL_SECONDS: '1' },
    crossChecks,
  });
  const log = Log.create({ service: 'exact-sync', level: 'warn', format: 'json', write: () => undefined });
  const health = new Health();
  app = await buildApp(exactSync, config, { config, log, health, metrics: new Metrics() });
  await app.startAllMicroservices();
  kafka = new RelayKafka({
    service: 'exact-sync',
    settings: topics.settings,
    topics: topicsOf('exact-sync', RESOURCES),
  });
  const reader = kafka.tableReader({
    topics: [...RECORD_TOPICS, 'subscription-list.v1', 'practice-details.v1', 'sync-status.v1', 'token-command.v1'],
    onBatch: ({ topic, messages }) => read(messages.map(({ key, value }) => ({ topic, key, value }))),
  });
  await reader.loaded;
  await until('exact-sync is ready', async () => {
    const { status, checks } = await health.ready();
    if (status === 'down') throw new Error(JSON.stringify(checks));
    return true;
  });
});

afterAll(async () => {
  await app?.close();
  await kafka?.close();
});

describe('exact-sync on real Kafka and Postgres', () => {
  it('lists subscriptions as soon as it has a token', async () => {
    await publishToken();
    const listing = await until('a listing', () => listings[0]);
    expect(listing).toMatchObject({ environment: 'qa', practiceIds: ['UP', 'DOWN'] });
  });

  it('reads the details of practices that wait to become active', async () => {
    await Promise.all(['UP', 'DOWN'].map((id) => become(id, 'pending', 1)));
    await until('both are read', () => details.size === 2);
    expect(details.get('exact:qa:UP')).toMatchObject({ practiceId: 'UP', country: 'GB', version: '13.860' });
    expect(records.size).toBe(0);
  });

  it('reads everything of the active ones', async () => {
    await Promise.all(['UP', 'DOWN'].map((id) => become(id, 'active', 2)));
    await until('all are live', () =>
      RESOURCES.every((name) => phaseOf('UP', name) === 'live' && phaseOf('DOWN', name) === 'live'),
    );
    for (const patient of twin.records('UP', 'patient')) {
      expect(recordOf('UP', 'patient', patient['id'] as string)?.record).toEqual(patient);
    }
    expect(recordOf('UP', 'appointment', 'none')).toBeUndefined();
    expect(records.get(`${recordTopic('exact', 'practice')} exact:qa:UP/UP`)?.record).toMatchObject({
      practiceId: 'UP',
    });
  });

  it('sees appointments come, change and go', async () => {
    const id = book('UP');
    await until('it has come', () => recordOf('UP', 'appointment', id));
    twin.put('UP', 'appointment', id, { status: 'Confirmed' });
    const changed = () => recordOf('UP', 'appointment', id)?.record?.['status'] === 'Confirmed';
    await until('it has changed', changed);
    expect(recordOf('UP', 'appointment', id)?.lineage.cause).toBe('poll');
    twin.remove('UP', 'appointment', id);
    await until('it has gone', () => recordOf('UP', 'appointment', id) === null, { timeoutMs: 30_000 });
  });

  it('lets one practice be offline while the other goes on', async () => {
    twin.practice('DOWN').state.mode = 'offline';
    await until('DOWN is offline', () => phaseOf('DOWN', 'appointment') === 'offline', { timeoutMs: 30_000 });
    const id = book('UP');
    await until('UP goes on', () => recordOf('UP', 'appointment', id));
    expect(phaseOf('UP', 'appointment')).toBe('live');
    twin.practice('DOWN').state.mode = 'online';
    await until('DOWN is back', () => phaseOf('DOWN', 'appointment') === 'live', { timeoutMs: 30_000 });
  });

  it('takes a 401 for the token’s only when the subscription list refuses it too', async () => {
    twin.faults.add({ scope: 'DOWN', path: '/Patients', times: 1, effect: { kind: 'status', status: 401 } });
    await until('the fault was met', () => twin.faults.list().every((fault) => fault.struck > 0), {
      timeoutMs: 20_000,
    });
    const after = listings.length;
    await until('a later listing', () => listings.length > after + 1);
    expect(commands).toEqual([]);
    twin.tokens.revokeAll();
    await until('the broker is told', () => commands.length > 0);
    for (const one of commands)
      expect(one).toMatchObject({ credentialId: CREDENTIAL, command: 'invalidated', version });
    expect(new Set(commands.map(({ scopes }) => scopes)).size).toBe(commands.length);
    await publishToken();
    const id = book('UP');
    await until('it goes on with the next token', () => recordOf('UP', 'appointment', id), { timeoutMs: 30_000 });
  });
});

describe('a scope that is not granted', () => {
  const client = (missing: readonly string[]) =>
    twin.addClient({ id: 'relay', secret: 's', scopes: EXACT_SCOPES.filter((scope) => !missing.includes(scope)) });

  it('forbids its resource and names it; the others go on', async () => {
    client(['patient.get']);
    await publishToken();
    await until('it is forbidden', () => phaseOf('UP', 'patient') === 'forbidden', { timeoutMs: 30_000 });
    expect(statuses.get('exact:qa:UP/patient')?.reason).toBe('scope-missing: patient.get');
    const id = book('UP');
    await until('appointments go on', () => recordOf('UP', 'appointment', id));
    expect(phaseOf('UP', 'appointment')).toBe('live');
  });

  it('is used as soon as it is granted, and what it is needed for is read again', async () => {
    const { id } = twin.put('UP', 'patient', null, { firstName: 'While-forbidden' });
    client([]);
    await publishToken();
    await until('the patient is out', () => recordOf('UP', 'patient', id as string), { timeoutMs: 30_000 });
    await until('it is live', () => phaseOf('UP', 'patient') === 'live');
    expect(statuses.get('exact:qa:UP/patient')?.reason).toBeNull();
  });
});

describe('exact-sync with EXACT off', () => {
  it('is ready and touches neither Kafka nor Postgres', async () => {
    const env = {
      KAFKA_BROKERS: '127.0.0.1:9',
      DATABASE_URL: 'postgres://nobody@127.0.0.1:9/none',
      EXACT_ENVIRONMENT: '',
    };
    const off = readConfig(settings, { env, crossChecks });
    const log = Log.create({ service: 'exact-sync', level: 'error', format: 'json', write: () => undefined });
    const health = new Health();
    const idle = await buildApp(exactSync, off, { config: off, log, health, metrics: new Metrics() });
    await idle.startAllMicroservices();
    expect(await health.ready()).toEqual({ status: 'up', checks: {} });
    await idle.close();
  });
});
