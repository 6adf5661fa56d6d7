import { recordTopic, type ServiceName } from '@relay/contracts';
import { fileScope, keyring, startProcess, until } from '@relay/testing';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkAccepted, type Accepted } from './support/accepted-checker.js';
import { EventLog } from './support/event-log.js';
import { KeyExchange } from './support/key-sets.js';
import { keyLines, keysStatus, type KeyLine } from './support/keys-status.js';
import { RelayStack } from './support/relay-stack.js';
import { StatusLog } from './support/status-log.js';

const scope = fileScope();
const CLIENT = recordTopic('provet', 'client');
const RECORDS = 10;
const SETS = [
  'CREDENTIAL_PRIVATE_JWKS',
  'PROVET_TOKEN_PRIVATE_JWKS',
  'EXACT_TOKEN_PRIVATE_JWKS',
  'STORAGE_KEYS_JWKS',
  'WEBHOOK_KEYS',
];
const TOKENS = ['PROVET_TOKEN_PRIVATE_JWKS', 'EXACT_TOKEN_PRIVATE_JWKS'] as const;

describe('every key is exchanged while webhooks flow', () => {
  let relay: RelayStack;
  let log: EventLog;
  let keys: KeyExchange;
  /** What was changed of the settings so far. */
  let settings: Record<string, string> = {};
  const changed = new Map<string, Accepted>();
  const stopped = new AbortController();
  let pump: Promise<void>;

  beforeAll(async () => {
    // Only webhooks may bring a change here: the checks run once a day.
    relay = await RelayStack.start(scope, {
      exact: true,
      env: { PROVET_RESOURCES: 'client', PROVET_RECONCILE_SECONDS: '86400' },
    });
    keys = new KeyExchange(relay.keys);
    log = await EventLog.follow(scope, relay.kafka, [['provet', 'client']]);
    const status = await StatusLog.follow(scope, relay.kafka);
    for (const id of [1, 2]) {
      const tenantId = await relay.joinProvet({ id, records: { client: RECORDS } });
      await until(`${tenantId} is live`, () => status.allLive(tenantId, ['client']), { timeoutMs: 60_000 });
    }
    relay.simulator.provet.deliveries.retryPausesMs = Array.from({ length: 100 }, () => 300);
    await until('the EXACT token is there', async () => isNeeded(await lines(), 'EXACT_TOKEN_PRIVATE_JWKS', 'old'));
    pump = change();
  });
  afterAll(() => stopped.abort());

  /** Goes on changing records; the vendor announces each change to whatever hooks it has then. */
  async function change(): Promise<void> {
    for (let n = 0; !stopped.signal.aborted; n += 1) {
      const [tenant, id] = [1 + (n % 2), 1 + (Math.floor(n / 2) % RECORDS)];
      relay.simulator.provet.put(tenant, 'client', id, { firstname: `change-${n}` });
      const key = `${relay.tenantId(tenant)}/${id}`;
      changed.set(key, { key, member: 'firstname', value: `change-${n}` });
      await sleep(100, undefined, { signal: stopped.signal }).catch(() => undefined);
    }
  }

  const env = () => ({ ...relay.env, ...settings });
  const lines = () => keyLines(env());
  const lineOf = (all: readonly KeyLine[], set: string, which: 'old' | 'fresh') =>
    all.find((line) => line.set === set && line.kid === keys.names(which)[set]);
  function isNeeded(all: readonly KeyLine[], set: string, which: 'old' | 'fresh'): boolean {
    return (lineOf(all, set, which)?.neededBy.length ?? 0) > 0;
  }

  /** Settings change for everybody, and some services are started with them one after the other. */
  async function roll(services: readonly ServiceName[], change: Record<string, string>): Promise<void> {
    settings = { ...settings, ...change };
    for (const service of services) {
      await relay.service(service).stop();
      await relay.startService(service, { env: settings });
    }
  }

  /** What a service says when it is started with these settings. It must end with 78. */
  async function refusal(service: ServiceName, change: Record<string, string>): Promise<string> {
    await relay.service(service).stop();
    const started = await startProcess(scope, { service, env: { ...env(), ...change }, waitUntilReady: false });
    expect(await started.ended).toBe('78');
    return started.log();
  }

  const registered = async (id: number, secret: string) => {
    relay.simulator.provet.addTenant({ id, records: { client: 1 } });
    return (await relay.hookup(relay.simulator.provet.hookup(id), secret)).status;
  };

  it('begins with keys that are all in use', async () => {
    const all = await lines();
    expect(all.map(({ set, place, verdict }) => [set, place, verdict])).toEqual(
      SETS.map((set) => [set, 'first', 'in use']),
    );
    for (const set of SETS.slice(1)) expect(isNeeded(all, set, 'old'), set).toBe(true);
  });

  it('is given the new ones: first those who read with them, then those who write', async () => {
    await roll(['token-broker'], {
      ...keys.both('fresh', 'CREDENTIAL_PRIVATE_JWKS'),
      ...keys.both('old', 'STORAGE_KEYS_JWKS'),
    });
    await roll(['provet-sync', 'exact-sync'], keys.both('fresh', ...TOKENS));
    await roll(['gateway'], keys.both('fresh', 'HOOKUP_SECRET', 'WEBHOOK_KEYS', 'CREDENTIAL_PUBLIC_JWKS'));
    await roll(
      ['tenant-registry', 'token-broker', 'provet-sync'],
      keys.both('fresh', 'STORAGE_KEYS_JWKS', 'PROVET_TOKEN_PUBLIC_JWKS', 'EXACT_TOKEN_PUBLIC_JWKS'),
    );
    expect([await registered(3, keys.fresh.HOOKUP_SECRET), await registered(4, keys.old.HOOKUP_SECRET)]).toEqual([
      200, 200,
    ]);
    for (const id of [3, 4]) await relay.untilState(relay.tenantId(id), 'active', 60_000);
  });

  it('needs the old ones no more after a while, and says so', async () => {
    const all = await until(
      'all old keys may be removed',
      async () => {
        const now = await lines();
        const left = SETS.filter((set) => lineOf(now, set, 'old')?.verdict !== 'may be removed');
        if (left.length > 0) throw new Error(JSON.stringify(now.filter((line) => line.verdict === 'needed')));
        return now;
      },
      { timeoutMs: 90_000, everyMs: 1_000 },
    );
    for (const set of SETS) expect(lineOf(all, set, 'fresh'), set).toMatchObject({ verdict: 'in use', place: 'first' });
    expect(lineOf(all, 'WEBHOOK_KEYS', 'fresh')?.neededBy.map(({ by }) => by)).toEqual(
      [1, 2, 3, 4].map((id) => `webhooks of ${relay.tenantId(id)}`),
    );
    const { text } = await keysStatus(env());
    expect(text).toMatch(/^SET +KEY +PLACE +VERDICT +NEEDED BY\n/);
    for (const secret of Object.values({ ...keys.old, ...keys.fresh })) expect(text).not.toContain(secret);
  });

  it('goes on without them', async () => {
    await until('no webhook is under way to an old URL', () => relay.simulator.provet.deliveries.unfinished < 5);
    await roll(
      ['provet-sync', 'exact-sync', 'token-broker', 'tenant-registry', 'gateway'],
      Object.fromEntries(Object.entries(keys.fresh).filter(([name]) => !name.startsWith('OPERATOR'))),
    );
    expect(await registered(5, keys.old.HOOKUP_SECRET)).toBe(404);
    expect(await registered(6, keys.fresh.HOOKUP_SECRET)).toBe(200);
    await relay.untilState(relay.tenantId(6), 'active', 60_000);
    const all = await lines();
    expect(all.map(({ set, kid, verdict }) => [set, kid, verdict])).toEqual(
      SETS.map((set) => [set, keys.names('fresh')[set], 'in use']),
    );
  });

  it('has lost nothing: every change came by a webhook, and none was refused', async () => {
    stopped.abort();
    await pump;
    const { deliveries } = relay.simulator.provet;
    await until('all webhooks are delivered', () => deliveries.unfinished === 0, { timeoutMs: 30_000 });
    const answers = new Set(deliveries.notes().map(({ status }) => status));
    expect([...answers].filter((status) => status !== null && status !== 200 && status !== 503)).toEqual([]);
    expect(deliveries.notes({ outcome: 'given-up' })).toEqual([]);
    await until('every change is published', () => checkAccepted(log, CLIENT, changed.values()).length === 0, {
      timeoutMs: 30_000,
    });
  });

  it('refuses to start without one that is needed, and names it and what needs it', async () => {
    const other = keyring();
    const names = keys.names('fresh');
    const webhooks = await refusal('provet-sync', { WEBHOOK_KEYS: other.WEBHOOK_KEYS });
    expect(webhooks).toContain(`WEBHOOK_KEYS lacks the key ${names['WEBHOOK_KEYS']}`);
    expect(webhooks).toContain(relay.tenantId(1));
    for (const [service, set] of [
      ['provet-sync', 'PROVET_TOKEN_PRIVATE_JWKS'],
      ['exact-sync', 'EXACT_TOKEN_PRIVATE_JWKS'],
    ] as const) {
      expect(await refusal(service, { [set]: other[set] })).toContain(
        `${set} lacks the key ${names[set]}, which tokens of`,
      );
      await relay.startService(service, { env: settings });
    }
    const storage = await refusal('token-broker', { STORAGE_KEYS_JWKS: other.STORAGE_KEYS_JWKS });
    expect(storage).toContain(`STORAGE_KEYS_JWKS lacks the key ${names['STORAGE_KEYS_JWKS']}`);
    expect(storage).toMatch(/credential\.secret \(\d+\), token\.access_token \(\d+\)/);
  });

  it('refuses to lose a registration that waits: for the broker, or for an operator', async () => {
    const other = keyring();
    const kid = keys.names('fresh')['CREDENTIAL_PRIVATE_JWKS'];
    expect(await registered(7, keys.fresh.HOOKUP_SECRET)).toBe(200);
    const broker = await refusal('token-broker', { CREDENTIAL_PRIVATE_JWKS: other.CREDENTIAL_PRIVATE_JWKS });
    expect(broker).toContain(`CREDENTIAL_PRIVATE_JWKS lacks the key ${kid}`);
    expect(broker).toContain(relay.tenantId(7));
    expect(lineOf(await lines(), 'CREDENTIAL_PRIVATE_JWKS', 'fresh')?.neededBy).toEqual([
      { by: 'hookup.v1 not yet read', count: 1 },
    ]);
    await relay.startService('token-broker', { env: settings });
    await relay.untilState(relay.tenantId(7), 'active', 60_000);

    const elsewhere = JSON.stringify(relay.simulator.provet.hookup(7)).replaceAll(relay.simulator.host, 'ca.test:81');
    expect((await relay.hookup(elsewhere, keys.fresh.HOOKUP_SECRET)).status).toBe(403);
    await until('it waits with a hold', async () => {
      return lineOf(await lines(), 'CREDENTIAL_PRIVATE_JWKS', 'fresh')?.neededBy.some(({ by }) => by === 'open holds');
    });
    const registry = await refusal('tenant-registry', { CREDENTIAL_PUBLIC_JWKS: other.CREDENTIAL_PUBLIC_JWKS });
    expect(registry).toContain(`CREDENTIAL_PUBLIC_JWKS lacks the key ${kid}`);
    await relay.startService('tenant-registry', { env: settings });
  });
});
