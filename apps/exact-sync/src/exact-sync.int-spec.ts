import {
  recordTopic,
  type PracticeDetailsValue,
  type RecordEventValue,
  type SubscriptionListValue,
  type SyncStatusValue,
  type TenantValue,
  type TokenCommandValue,
} from '@relay/contracts';
import { Health, Log, Metrics, buildApp, readConfig } from '@relay/service-kit';
import { countryAtNight, exactTenant, fileScope, until } from '@relay/testing';
import { EXACT_SCOPES, ExactTwin } from '@relay/vendor-twins';
import { beforeAll, describe, expect, it } from 'vitest';
import { crossChecks, settings } from './config.js';
import { exactSync } from './exact-sync.service-definition.js';
import { CLIENT, exactSyncOn, type ExactSyncAtWork } from './test-support/exact-sync-on.js';

const CREDENTIAL = 'exact:qa/relay';
const RESOURCES = ['practice', 'practitioner', 'appointment', 'patient'];
const RECORD_TOPICS = RESOURCES.map((resource) => recordTopic('exact', resource));
const COUNTRY = countryAtNight();
const file = fileScope();
const twin = new ExactTwin({ seed: 'exact-sync', origin: 'http://127.0.0.1:1', clock: Date.now });
let connector: ExactSyncAtWork['connector'];
let broker: ExactSyncAtWork['broker'];
const giveTokens = (): Promise<void> => broker.give();

/** What the registry does: says in which state a practice is. */
const become = (practiceId: string, state: TenantValue['state'], version: number) => {
  const tenant = exactTenant({ practiceId, state, version, credentialId: CREDENTIAL });
  return connector.send('tenant.v1', tenant.tenantId, tenant.tenantId, tenant);
};

const listings = () => connector.seen('subscription-list.v1') as readonly SubscriptionListValue[];
const details = () => connector.latest<PracticeDetailsValue>('practice-details.v1');
const commands = () => connector.seen('token-command.v1') as readonly TokenCommandValue[];
const recordsOf = (resource: string) => connector.latest<RecordEventValue>(recordTopic('exact', resource));
const recordOf = (practiceId: string, resource: string, id: string) =>
  recordsOf(resource).get(`exact:qa:${practiceId}/${id.toLowerCase()}`);
const phaseOf = (practiceId: string, resource: string) =>
  connector.latest<SyncStatusValue>('sync-status.v1').get(`exact:qa:${practiceId}/${resource}`)?.phase;

/** An appointment of tomorrow, so that the near window shows it. */
function book(practiceId: string, fields: Record<string, string> = {}): string {
  const startDate = new Date(Date.now() + 86_400_000).toISOString();
  return twin.put(practiceId, 'appointment', null, { startDate, ...fields })['id'] as string;
}

beforeAll(async () => {
  for (const id of ['UP', 'DOWN']) twin.addPractice({ id, records: 30, country: COUNTRY });
  ({ connector, broker } = await exactSyncOn(file, twin, {
    resources: RESOURCES,
    watches: [...RECORD_TOPICS, 'subscription-list.v1', 'practice-details.v1', 'sync-status.v1', 'token-command.v1'],
    env: { EXACT_SUBSCRIPTION_SECONDS: '1' },
  }));
});

describe('exact-sync on real Kafka and Postgres', () => {
  it('lists subscriptions as soon as it has a token', async () => {
    await giveTokens();
    const listing = await until('a listing', () => listings()[0]);
    expect(listing).toMatchObject({ environment: 'qa', practiceIds: ['UP', 'DOWN'] });
  });

  it('reads the details of practices that wait to become active', async () => {
    await Promise.all(['UP', 'DOWN'].map((id) => become(id, 'pending', 1)));
    await until('both are read', () => details().size === 2);
    expect(details().get('exact:qa:UP')).toMatchObject({ practiceId: 'UP', country: COUNTRY, version: '13.860' });
    for (const resource of RESOURCES) expect(recordsOf(resource).size).toBe(0);
  });

  it('reads everything of the active ones', async () => {
    await Promise.all(['UP', 'DOWN'].map((id) => become(id, 'active', 2)));
    await until(
      'all are live',
      () => RESOURCES.every((name) => phaseOf('UP', name) === 'live' && phaseOf('DOWN', name) === 'live'),
      { timeoutMs: 40_000 },
    );
    for (const patient of twin.records('UP', 'patient')) {
      expect(recordOf('UP', 'patient', patient['id'] as string)?.record).toEqual(patient);
    }
    expect(recordOf('UP', 'appointment', 'none')).toBeUndefined();
    expect(recordsOf('practice').get('exact:qa:UP/UP')?.record).toMatchObject({ practiceId: 'UP' });
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
    twin.faults.add({ scope: 'DOWN', path: '/Appointments', times: 1, effect: { kind: 'status', status: 401 } });
    await until('the fault was met', () => twin.faults.list().every((fault) => fault.struck > 0), {
      timeoutMs: 20_000,
    });
    const after = listings().length;
    await until('a later listing', () => listings().length > after + 1);
    expect(commands()).toEqual([]);
    twin.tokens.revokeAll();
    await until('the broker is told', () => commands().length > 0);
    for (const { scopes, ...one } of commands()) {
      const version = broker.versionOf(scopes);
      expect(one).toMatchObject({ credentialId: CREDENTIAL, command: 'invalidated', version });
    }
    expect(new Set(commands().map(({ scopes }) => scopes)).size).toBe(commands().length);
    await giveTokens();
    const id = book('UP');
    await until('it goes on with the next token', () => recordOf('UP', 'appointment', id), { timeoutMs: 30_000 });
  });
});

describe('a scope that is not granted', () => {
  const grantBut = (...missing: readonly string[]) =>
    twin.addClient({
      id: CLIENT.clientId,
      secret: CLIENT.secret,
      scopes: EXACT_SCOPES.filter((scope) => !missing.includes(scope)),
    });
  const reasonOf = (resource: string) =>
    connector.latest<SyncStatusValue>('sync-status.v1').get(`exact:qa:UP/${resource}`)?.reason;

  it('forbids its resource and names it; the others go on', async () => {
    grantBut('patient.list');
    await giveTokens();
    await until('it is forbidden', () => phaseOf('UP', 'patient') === 'forbidden', { timeoutMs: 30_000 });
    expect(reasonOf('patient')).toBe('scope-missing: patient.list');
    const id = book('UP');
    await until('appointments go on', () => recordOf('UP', 'appointment', id));
    expect(phaseOf('UP', 'appointment')).toBe('live');
  });

  it('is used as soon as it is granted, and what it is needed for is read again', async () => {
    const { id } = twin.put('UP', 'patient', null, { firstName: 'While-forbidden' });
    grantBut();
    await giveTokens();
    await until('the patient is out', () => recordOf('UP', 'patient', id as string), { timeoutMs: 30_000 });
    await until('it is live', () => phaseOf('UP', 'patient') === 'live');
    expect(reasonOf('patient')).toBeNull();
  });

  it('for single records leaves the list: its rows are the records, and no record is asked for', async () => {
    const { id } = twin.put('UP', 'patient', null, { firstName: 'Listed' });
    grantBut('patient.get');
    await giveTokens();
    const asked = () => twin.requests.count(/GET \/v1\/Practices\/UP\/Patients\/./);
    const listed = await until('the patient is out', () => recordOf('UP', 'patient', id as string), {
      timeoutMs: 30_000,
    });
    expect(listed.record).toMatchObject({ firstName: 'Listed' });
    expect(phaseOf('UP', 'patient')).toBe('live');
    const before = asked();
    grantBut();
    await giveTokens();
    await until('it is read again, one by one', () => asked() > before, { timeoutMs: 30_000 });
    expect(phaseOf('UP', 'patient')).toBe('live');
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
