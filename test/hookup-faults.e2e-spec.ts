import type { ServiceName } from '@relay/contracts';
import { fileScope, until } from '@relay/testing';
import { readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { Client } from 'pg';
import { beforeAll, describe, expect, it } from 'vitest';
import { RelayStack } from './support/relay-stack.js';

const scope = fileScope();
const ROOT = resolve(import.meta.dirname, '..');
/**
 * A step stands still for so long before the process dies: what must only happen after it (an answer, an offset) gets every
 * chance to happen too early.
 */
const STANDS_STILL_MS = 1000;

/** Every step between the vendor's POST and an active tenant, by service, in the order in which they are passed. */
const POINTS = {
  gateway: ['gateway:before-durable', 'gateway:after-durable'],
  'tenant-registry': [
    'tenant-registry:before-register',
    'tenant-registry:after-commit',
    'tenant-registry:after-register',
    'tenant-registry:after-settle',
    'tenant-registry:after-publish',
    'tenant-registry:after-seen',
    'tenant-registry:before-credential',
    'tenant-registry:after-credential',
  ],
  'token-broker': [
    'token-broker:before-store',
    'token-broker:after-store',
    'token-broker:after-tombstone',
    'token-broker:before-token',
    'token-broker:after-token',
    'token-broker:after-read',
    'token-broker:after-proof',
    'token-broker:after-token-sent',
    'token-broker:after-publish',
    'token-broker:after-seen',
  ],
} as const satisfies Partial<Record<ServiceName, readonly string[]>>;
type Killed = keyof typeof POINTS;

/** Points of these services that lie on other ways. */
const ELSEWHERE = [
  'gateway:before-spill',
  'gateway:after-spill',
  'gateway:after-drain-send',
  'tenant-registry:after-listing',
  'token-broker:before-intent',
  'token-broker:after-intent',
  'token-broker:after-spend',
  'token-broker:after-renew',
  'token-broker:after-reseal',
  'token-broker:after-scopes',
  'token-broker:after-scope-token',
  'token-broker:after-consent',
  'token-broker:after-revoke',
];

/** The fault points that a service's code names. */
function pointsIn(service: Killed): string[] {
  const folder = resolve(ROOT, 'apps', service, 'src');
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  const code = files.filter((name) => name.endsWith('.ts') && !name.endsWith('spec.ts'));
  const named = code.flatMap((name) => [
    ...readFileSync(resolve(folder, name), 'utf8').matchAll(/faultPoint\('([^']+)'\)/g),
  ]);
  return [...new Set(named.map(([, point]) => point as string))];
}

it('knows every fault point of the services on the way', () => {
  const inCode = (Object.keys(POINTS) as Killed[]).flatMap(pointsIn);
  expect(inCode.toSorted()).toEqual([...Object.values(POINTS).flat(), ...ELSEWHERE].toSorted());
});

describe('a registration, with kill -9 at every step on its way', () => {
  let relay: RelayStack;
  let sql: Client;
  let nextId = 1;
  const accepted = new Set<number>();
  const hit: string[] = [];

  beforeAll(async () => {
    relay = await RelayStack.start(scope, { services: ['tenant-registry', 'token-broker', 'gateway'] });
    sql = new Client({ connectionString: relay.databaseUrl, options: '-c search_path=token_broker' });
    await sql.connect();
    scope.onTestFinished(() => sql.end());
  });

  /** Posts until it is answered 200, as a vendor does. */
  async function register(): Promise<void> {
    const id = nextId++;
    relay.simulator.provet.addTenant({ id });
    const body = relay.simulator.provet.hookup(id);
    await until(`the registration of ${id} is accepted`, async () => (await relay.hookup(body)).status === 200, {
      timeoutMs: 120_000,
      everyMs: 250,
    });
    accepted.add(id);
  }

  /** Runs a service until it is killed at the point: what it left undone before comes first, then new registrations. */
  async function killAt(service: Killed, point: string): Promise<void> {
    await relay.dieAt(service, point, { standsStillMs: STANDS_STILL_MS, meanwhile: () => void register() });
    hit.push(point);
  }

  async function killEverywhere(service: Killed): Promise<void> {
    for (const point of POINTS[service]) await killAt(service, point);
    await relay.startService(service);
  }

  it('always ends with an active tenant and one credential in force', { timeout: 240_000 }, async () => {
    await killEverywhere('gateway');
    // Not beside the gateway's: what is posted again because it had no answer would make good what another service loses.
    await Promise.all([killEverywhere('tenant-registry'), killEverywhere('token-broker')]);
    expect(hit.toSorted()).toEqual(Object.values(POINTS).flat().toSorted());
    const last = register();
    await last;
    // Every one whose POST was begun is answered 200 by now, or will be.
    await until('all are accepted', () => accepted.size === nextId - 1, { timeoutMs: 60_000 });
    for (const id of accepted) {
      const tenantId = relay.tenantId(id);
      const tenant = await relay.untilState(tenantId, 'active', 60_000);
      const { rows } = await sql.query('select credential_id from credential where tenant_id = $1 and in_force', [
        tenantId,
      ]);
      expect(rows).toEqual([{ credential_id: tenant.credentialId }]);
    }
    console.log(`${hit.length} kills, ${accepted.size} registrations accepted, all active`);
  });
});
