import { HostAllowList, OutgoingHttp, WindowBudget } from '#http-client';
import { setTimeout as delay } from 'node:timers/promises';
import { builtFile } from '../../services.ts';
import { StopWithMessage } from '../../stop-with-message.ts';
import { need, type Surroundings } from '../../surroundings.ts';
import { CheckCalls } from '../check-calls.ts';
import { readCheckSettings } from '../read-check-settings.ts';
import type { CheckRun } from '../render.ts';
import { accessTo } from '../tenant-access.ts';
import { checkProvet } from './check-provet.ts';
import type { CheckedResource, ProvetSubject } from './subject.ts';

type Config = typeof import('../../../../apps/provet-sync/src/config.js');
type Address = typeof import('../../../../apps/provet-sync/src/calls/provet-address.js');
type Calls = typeof import('../../../../apps/provet-sync/src/calls/provet-calls.js');
type RecordId = typeof import('../../../../apps/provet-sync/src/records/record-id.js');
type TargetMember = typeof import('../../../../apps/provet-sync/src/webhooks/target-member.js');
type PassQuery = typeof import('../../../../apps/provet-sync/src/passes/pass-query.js');

/** The part of the connector's catalogue that is used here. */
interface Catalogue {
  readonly CATALOGUE: readonly (Omit<CheckedResource, 'pageSize' | 'parent'> & {
    readonly defaultPageSize?: number;
    readonly parent?: CheckedResource['parent'];
  })[];
  readonly enabledResources: (names: readonly string[]) => string[];
}

/** What the relay reckons where the catalogue says nothing of a resource's pages. */
const USUAL_PAGE = 50;
/** The relay's own share of the limits may be all of them; a check needs a few calls a minute beside it. */
const LEAST_SHARE = 0.05;
const API_PATH = 'api/0.1/';

const built = async <T>(file: string): Promise<T> => (await import(builtFile('provet-sync', file))) as T;

/** Checks a Provet tenant with the settings, the catalogue and the readings that provet-sync itself has. */
export async function runProvet(tenantId: string, surroundings: Surroundings): Promise<CheckRun> {
  const config = await readProvetConfig(surroundings);
  const { PROVET_SCOPES } = await built<Calls>('calls/provet-calls.js');
  const { tenant, token } = await accessTo(tenantId, {
    settings: config,
    service: 'provet-sync',
    owner: tenantId,
    privateJwks: config.tokenPrivateJwks,
    keysName: 'PROVET_TOKEN_PRIVATE_JWKS',
    scopes: PROVET_SCOPES,
  });
  const { apiBase } = await built<Address>('calls/provet-address.js');
  const base = apiBase(tenant);
  if (base === null || tenant.host === null || tenant.provetId === null) {
    throw new StopWithMessage('no-address', `${tenantId} has no address: register it again.`);
  }
  const http = new OutgoingHttp({
    allow: HostAllowList.parse([...config.provetAllowedHosts]),
    allowHttp: config.provetAllowHttp,
    attemptTimeoutMs: config.httpAttemptTimeoutMs,
    connectionsPerHost: 1,
  });
  const share = config.budgetShare === 0 ? 0 : Math.max(LEAST_SHARE, 1 - config.budgetShare);
  const calls = new CheckCalls({
    send: (request) => http.send(request),
    tenantUrl: base.slice(0, -API_PATH.length),
    apiPath: API_PATH,
    token: token.text,
    share,
    newBudget: (limit) => new WindowBudget({ limit, windowMs: 60_000 }),
    wait: (ms) => delay(ms),
  });
  try {
    const result = await checkProvet({
      calls,
      host: tenant.host,
      provetId: tenant.provetId,
      share,
      token,
      resources: await checkedResources(config.resources),
      configured: { webhookUrlField: config.webhookUrlField },
      connector: await connectorReadings(),
    });
    return { tenant: tenantId, calls: calls.sent, waitedMs: calls.waitedMs, ...result };
  } finally {
    await http.close();
  }
}

/** The settings that a check needs, as provet-sync declares them. */
async function readProvetConfig(surroundings: Surroundings) {
  const { settings } = await built<Config>('config.js');
  const { databaseUrl: _url, databasePoolSize: _pool, publicUrl: _public, webhookKeys: _keys, ...needed } = settings;
  const given = {
    KAFKA_BROKERS: need(surroundings.kafkaBrokers, 'KAFKA_BROKERS'),
    TOPIC_PREFIX: surroundings.topicPrefix,
    PROVET_TOKEN_PRIVATE_JWKS: need(surroundings.provetTokenPrivateJwks, 'PROVET_TOKEN_PRIVATE_JWKS'),
    PROVET_ALLOWED_HOSTS: surroundings.provetAllowedHosts ?? '',
    PROVET_ALLOW_HTTP: surroundings.provetAllowHttp ?? '',
  };
  return readCheckSettings(needed, given);
}

async function checkedResources(names: readonly string[]): Promise<CheckedResource[]> {
  const { CATALOGUE, enabledResources } = await built<Catalogue>('catalogue/catalogue.js');
  const enabled = new Set(enabledResources(names));
  return CATALOGUE.filter(({ name }) => enabled.has(name)).map((entry) => ({
    ...entry,
    pageSize: entry.defaultPageSize ?? USUAL_PAGE,
    parent: entry.parent ?? null,
  }));
}

async function connectorReadings(): Promise<ProvetSubject['connector']> {
  const { targetMemberOf } = await built<TargetMember>('webhooks/target-member.js');
  const { recordIdOf } = await built<RecordId>('records/record-id.js');
  const { filterTime } = await built<PassQuery>('passes/pass-query.js');
  return { targetMemberOf, recordIdOf, filterTime };
}
