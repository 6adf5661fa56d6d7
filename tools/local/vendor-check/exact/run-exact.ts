import { HostAllowList, OutgoingHttp, WindowBudget } from '#http-client';
import { EXACT_RESOURCES, exactEnvironmentId, exactScopeText, EXACT_BASE_SCOPES, exactScopeSet } from '#contracts';
import { setTimeout as delay } from 'node:timers/promises';
import { builtFile } from '../../services.ts';
import { StopWithMessage } from '../../stop-with-message.ts';
import { need, type Surroundings } from '../../surroundings.ts';
import { CheckCalls, Unreachable } from '../check-calls.ts';
import { readCheckSettings } from '../read-check-settings.ts';
import type { CheckRun } from '../render.ts';
import { accessTo, type TenantAccess } from '../tenant-access.ts';
import { checkExact } from './check-exact.ts';
import type { CheckedResource, ExactSubject } from './subject.ts';

type Config = typeof import('../../../../apps/exact-sync/src/config.js');
type Catalogue = typeof import('../../../../apps/exact-sync/src/catalogue/catalogue.js');
type Continuation = typeof import('../../../../apps/exact-sync/src/calls/continuation.js');
type Zones = typeof import('../../../../apps/exact-sync/src/practice-time/zone-of-country.js');
type Versions = typeof import('../../../../apps/exact-sync/src/versions/exact-version.js');
type Minimums = typeof import('../../../../apps/exact-sync/src/versions/minimum-versions.js');

/** What a check may use of what the running relay leaves: nothing is published, so a call a second. */
const SHARE = 1;

const built = async <T>(file: string): Promise<T> => (await import(builtFile('exact-sync', file))) as T;

/** Checks an EXACT practice with the settings, the catalogue and the readings that exact-sync itself has. */
export async function runExact(tenantId: string, surroundings: Surroundings): Promise<CheckRun> {
  const config = await readExactConfig(surroundings);
  if (config.exactEnvironment === '') throw new StopWithMessage('off', 'EXACT_ENVIRONMENT is empty: EXACT is off.');
  const owner = exactEnvironmentId(config.exactEnvironment);
  const access = await accessTo(tenantId, {
    settings: config,
    service: 'exact-sync',
    owner,
    privateJwks: config.tokenPrivateJwks ?? '',
    keysName: 'EXACT_TOKEN_PRIVATE_JWKS',
    scopes: exactScopeText(EXACT_BASE_SCOPES),
  });
  const { practiceId, environment } = access.tenant;
  if (practiceId === null || environment !== config.exactEnvironment) {
    throw new Unreachable(`it belongs to ${String(environment)}, and EXACT_ENVIRONMENT is ${config.exactEnvironment}`);
  }
  const http = new OutgoingHttp({
    allow: HostAllowList.parse([new URL(config.exactApiUrl).host, new URL(config.exactAuthorityUrl).host]),
    allowHttp: true,
    attemptTimeoutMs: config.httpAttemptTimeoutMs,
    connectionsPerHost: 1,
  });
  const made: CheckCalls[] = [];
  const callsWith = (url: string, token: string): CheckCalls => {
    const calls = new CheckCalls({
      send: (request) => http.send(request),
      tenantUrl: `${url}/`,
      apiPath: url === config.exactApiUrl ? 'v1/' : '',
      token,
      share: SHARE,
      newBudget: (limit) => new WindowBudget({ limit, windowMs: 60_000 }),
      wait: (ms) => delay(ms),
      hostHint: 'EXACT_API_URL or EXACT_AUTHORITY_URL is another host',
    });
    made.push(calls);
    return calls;
  };
  try {
    const result = await checkExact({
      ...(await readings()),
      callsFor: callsByScope(access, (token) => callsWith(config.exactApiUrl, token)),
      base: callsWith(config.exactApiUrl, access.token.text),
      authority: callsWith(config.exactAuthorityUrl, ''),
      practiceId,
      token: access.token,
      resources: await checkedResources(config.exactResources),
      configured: {
        header: config.continuationHeader.toLowerCase(),
        member: config.continuationMember,
        tokenUrl: config.exactTokenUrl,
        pastDays: config.windowPastDays,
        futureDays: config.windowFutureDays,
      },
      now: Date.now(),
    });
    const sum = (of: (calls: CheckCalls) => number): number => made.reduce((total, one) => total + of(one), 0);
    return { tenant: tenantId, calls: sum(({ sent }) => sent), waitedMs: sum(({ waitedMs }) => waitedMs), ...result };
  } finally {
    await http.close();
  }
}

/** The calls of a resource: with the token of the scope set that has what it needs; null when there is no such token. */
function callsByScope({ tokens }: TenantAccess, callsWith: (token: string) => CheckCalls): ExactSubject['callsFor'] {
  const held = new Map<string, CheckCalls | null>();
  return (name) => {
    const known = held.get(name);
    if (known !== undefined) return known;
    const resource = EXACT_RESOURCES.find((one) => one === name);
    const fits = tokens
      .filter(({ scopes }) => resource !== undefined && exactScopeSet(resource, scopes.split(' ')).kind === 'granted')
      // The richest: what extends the answers is looked at as well.
      .sort((a, b) => b.scopes.length - a.scopes.length)[0];
    const calls = fits === undefined ? null : callsWith(fits.text);
    held.set(name, calls);
    return calls;
  };
}

/** The settings that a check needs, as exact-sync declares them. */
async function readExactConfig(surroundings: Surroundings) {
  const { settings } = await built<Config>('config.js');
  const { databaseUrl: _url, databasePoolSize: _pool, ...needed } = settings;
  const given = {
    KAFKA_BROKERS: need(surroundings.kafkaBrokers, 'KAFKA_BROKERS'),
    TOPIC_PREFIX: surroundings.topicPrefix,
    EXACT_TOKEN_PRIVATE_JWKS: need(surroundings.exactTokenPrivateJwks, 'EXACT_TOKEN_PRIVATE_JWKS'),
  };
  return readCheckSettings(needed, given);
}

async function checkedResources(names: readonly string[]): Promise<CheckedResource[]> {
  const { CATALOGUE } = await built<Catalogue>('catalogue/catalogue.js');
  return CATALOGUE.filter(({ name }) => names.includes(name)).flatMap(({ name, segment, reads }) =>
    reads === 'practice' || reads === 'window' || reads === 'everything' ? [{ name, segment, reads }] : [],
  );
}

async function readings(): Promise<Pick<ExactSubject, 'connector'>> {
  const { readList } = await built<Continuation>('calls/continuation.js');
  const { zoneOfCountry } = await built<Zones>('practice-time/zone-of-country.js');
  const { compareVersions } = await built<Versions>('versions/exact-version.js');
  const { minimumVersionOf } = await built<Minimums>('versions/minimum-versions.js');
  return { connector: { readList, zoneOfCountry, compareVersions, minimumVersionOf } };
}
