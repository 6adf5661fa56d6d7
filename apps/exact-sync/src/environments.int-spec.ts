import {
  EXACT_ENVIRONMENTS,
  EXACT_RESOURCES,
  exactEnvironmentId,
  exactScopeSet,
  exactScopeText,
  exactScopesWanted,
  exactTenantId,
  topicsOf,
  type ControlTopic,
  type ControlValue,
  type ExactEnvironment,
  type SyncStatusValue,
} from '@relay/contracts';
import { RelayKafka, controlMessage } from '@relay/kafka';
import { SealingKeys } from '@relay/sealing';
import { Health, Log, Metrics, buildApp, readConfig } from '@relay/service-kit';
import { exactTenant, keyring, relayEnvironment, testDatabase, testKafka, until, type TestScope } from '@relay/testing';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { crossChecks, settings } from './config.js';
import { exactSync } from './exact-sync.service-definition.js';

const GRANTED = exactScopesWanted(EXACT_RESOURCES);
const keys = keyring();

/** A host of EXACT that notes which tokens it is shown and answers that everything is in order. */
async function host(scope: TestScope): Promise<{ url: string; shown: Set<string>; paths: Set<string> }> {
  const shown = new Set<string>();
  const paths = new Set<string>();
  const server = createServer((request, response) => {
    shown.add((request.headers.authorization ?? '').replace(/^Bearer /, '').replace(/ .*$/, ''));
    paths.add((request.url ?? '').replace(/\?.*$/, ''));
    const body = request.url?.endsWith('/details') === true ? { practiceId: 'SAME' } : [];
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  scope.onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, shown, paths };
}

async function run(
  scope: TestScope,
  environment: ExactEnvironment,
  url: string,
): Promise<Map<string, SyncStatusValue>> {
  const topics = await testKafka(scope);
  const { url: databaseUrl } = await testDatabase(scope, 'exact-sync');
  const parts = { kafka: topics, databaseUrl, keyring: keys, publicUrl: 'http://relay.test' };
  const exact = { url, clientId: 'relay', secret: 's' };
  const env = { ...relayEnvironment({ ...parts, exact }), EXACT_ENVIRONMENT: environment };
  const config = readConfig(settings, { env, crossChecks });
  const kafka = new RelayKafka({
    service: 'exact-sync',
    settings: topics.settings,
    topics: topicsOf('exact-sync', EXACT_RESOURCES),
  });
  scope.onTestFinished(() => kafka.close());
  await kafka.topicsReady();
  const send = <T extends ControlTopic>(topic: T, owner: string, key: string, value: ControlValue<T>) =>
    kafka.producer('control').send(controlMessage(kafka.partitions, topic, owner, key, value));
  // Both environments stand on the topics, as after a change of the configuration.
  for (const one of EXACT_ENVIRONMENTS) await publish(one, send);
  const log = Log.create({ service: 'exact-sync', level: 'error', format: 'json', write: () => undefined });
  const app = await buildApp(exactSync, config, { config, log, health: new Health(), metrics: new Metrics() });
  scope.onTestFinished(() => app.close());
  await app.startAllMicroservices();
  const statuses = new Map<string, SyncStatusValue>();
  kafka.tableReader({
    topics: ['sync-status.v1'],
    onBatch: ({ messages }) => {
      for (const { key, value } of messages) statuses.set(key, value as SyncStatusValue);
    },
  });
  return statuses;
}

type Send = <T extends ControlTopic>(topic: T, owner: string, key: string, value: ControlValue<T>) => Promise<unknown>;

async function publish(environment: ExactEnvironment, send: Send): Promise<void> {
  const owner = exactEnvironmentId(environment);
  const credentialId = `${owner}/relay`;
  const version = 1;
  const sets = EXACT_RESOURCES.map((resource) => exactScopeSet(resource, GRANTED));
  for (const scopes of new Set(sets.map((set) => (set.kind === 'granted' ? set.scopes : exactScopeText([]))))) {
    const seal = { topic: 'token.v1', tenantId: owner, credentialId, version };
    const sealed = await SealingKeys.parse(keys.EXACT_TOKEN_PUBLIC_JWKS).seal(`token-of-${environment}`, seal);
    const expiresAt = new Date(Date.now() + 3_600_000).toISOString();
    await send('token.v1', owner, `${credentialId}#${scopes}`, { credentialId, scopes, version, expiresAt, sealed });
  }
  const at = new Date().toISOString();
  const proven = { health: 'proven', inForce: true, version, checkedAt: at, expiresAt: null, code: null } as const;
  const capabilities = { granted: GRANTED, missing: [] };
  await send('credential.v1', owner, credentialId, { credentialId, tenantId: owner, ...proven, capabilities });
  const tenantId = exactTenantId(environment, 'SAME');
  const tenant = exactTenant({ tenantId, environment, practiceId: 'SAME', credentialId });
  await send('tenant.v1', tenantId, tenantId, tenant);
}

describe('the wall between QA and production', () => {
  it.for([
    ['production', 'qa'],
    ['qa', 'production'],
  ] as const)('shows %s no token of %s, and no practice of it', async ([environment, other], scope) => {
    const { url, shown, paths } = await host(scope);
    const statuses = await run(scope, environment, url);
    const of = (one: ExactEnvironment) => statuses.get(`${exactTenantId(one, 'SAME')}/practice`);
    await until('its own practice is live', () => of(environment)?.phase === 'live', { timeoutMs: 30_000 });
    const refused = () => (of(other)?.phase === 'forbidden' ? of(other) : null);
    const left = await until('that of the other is refused', refused, { timeoutMs: 30_000 });
    expect(left?.reason).toBe('other-environment');
    expect([...shown]).toEqual([`token-of-${environment}`]);
    expect(paths).toContain('/v1/Practices/SAME/details');
  });
});
