import type { ServiceName } from '@relay/contracts';
import { fileScope, keyring, startProcess, until } from '@relay/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { KeyExchange } from './support/key-sets.js';
import { KeyWorld } from './support/key-world.js';
import { keysStatus, type KeyLine } from './support/keys-status.js';
import type { RelayStack } from './support/relay-stack.js';

const scope = fileScope();
const SETS = [
  'CREDENTIAL_PRIVATE_JWKS',
  'PROVET_TOKEN_PRIVATE_JWKS',
  'EXACT_TOKEN_PRIVATE_JWKS',
  'STORAGE_KEYS_JWKS',
  'WEBHOOK_KEYS',
];
const TOKENS = ['PROVET_TOKEN_PRIVATE_JWKS', 'EXACT_TOKEN_PRIVATE_JWKS'] as const;

describe('every key is exchanged while webhooks flow', () => {
  let world: KeyWorld;
  let relay: RelayStack;
  let keys: KeyExchange;

  beforeAll(async () => {
    world = await KeyWorld.start(scope, { exact: true, tenants: 2, recordsEach: 10 });
    ({ relay, keys } = world);
    await until('the EXACT token is there', async () =>
      isNeeded(await world.lines(), 'EXACT_TOKEN_PRIVATE_JWKS', 'old'),
    );
    world.startChanging();
  });
  afterAll(() => world.stop());

  function isNeeded(all: readonly KeyLine[], set: string, which: 'old' | 'fresh'): boolean {
    return (world.lineOf(all, set, which)?.neededBy.length ?? 0) > 0;
  }

  /** What a service says when it is started with these settings. It must end with 78. */
  async function refusal(service: ServiceName, change: Record<string, string>): Promise<string> {
    await relay.service(service).stop();
    const started = await startProcess(scope, { service, env: { ...world.env, ...change }, waitUntilReady: false });
    expect(await started.ended).toBe('78');
    return started.log();
  }

  const registered = async (id: number, secret: string) => {
    relay.simulator.provet.addTenant({ id, records: { client: 1 } });
    return (await relay.hookup(relay.simulator.provet.hookup(id), secret)).status;
  };

  it('begins with keys that are all in use', async () => {
    const all = await world.lines();
    expect(all.map(({ set, place, verdict }) => [set, place, verdict])).toEqual(
      SETS.map((set) => [set, 'first', 'in use']),
    );
    for (const set of SETS.slice(1)) expect(isNeeded(all, set, 'old'), set).toBe(true);
  });

  it('is given the new ones: first those who read with them, then those who write', async () => {
    await world.roll(['token-broker'], {
      ...keys.both('fresh', 'CREDENTIAL_PRIVATE_JWKS'),
      ...keys.both('old', 'STORAGE_KEYS_JWKS'),
    });
    await world.roll(['provet-sync', 'exact-sync'], keys.both('fresh', ...TOKENS));
    await world.roll(['gateway'], keys.both('fresh', 'HOOKUP_SECRET', 'WEBHOOK_KEYS', 'CREDENTIAL_PUBLIC_JWKS'));
    await world.roll(
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
        const now = await world.lines();
        const left = SETS.filter((set) => world.lineOf(now, set, 'old')?.verdict !== 'may be removed');
        if (left.length > 0) throw new Error(JSON.stringify(now.filter((line) => line.verdict === 'needed')));
        return now;
      },
      { timeoutMs: 90_000, everyMs: 1_000 },
    );
    for (const set of SETS)
      expect(world.lineOf(all, set, 'fresh'), set).toMatchObject({ verdict: 'in use', place: 'first' });
    expect(world.lineOf(all, 'WEBHOOK_KEYS', 'fresh')?.neededBy.map(({ by }) => by)).toEqual(
      [1, 2, 3, 4].map((id) => `webhooks of ${relay.tenantId(id)}`),
    );
    const { text } = await keysStatus(world.env);
    expect(text).toMatch(/^SET +KEY +PLACE +VERDICT +NEEDED BY\n/);
    for (const secret of Object.values({ ...keys.old, ...keys.fresh })) expect(text).not.toContain(secret);
  });

  it('goes on without them', async () => {
    await until('no webhook is under way to an old URL', () => relay.simulator.provet.deliveries.unfinished < 5);
    await world.roll(
      ['provet-sync', 'exact-sync', 'token-broker', 'tenant-registry', 'gateway'],
      Object.fromEntries(Object.entries(keys.fresh).filter(([name]) => !name.startsWith('OPERATOR'))),
    );
    expect(await registered(5, keys.old.HOOKUP_SECRET)).toBe(404);
    expect(await registered(6, keys.fresh.HOOKUP_SECRET)).toBe(200);
    await relay.untilState(relay.tenantId(6), 'active', 60_000);
    const all = await world.lines();
    expect(all.map(({ set, kid, verdict }) => [set, kid, verdict])).toEqual(
      SETS.map((set) => [set, keys.names('fresh')[set], 'in use']),
    );
  });

  it('has lost nothing: every change came by a webhook, and none was refused', async () => {
    await world.quiet();
    const { deliveries } = relay.simulator.provet;
    const answers = new Set(deliveries.notes().map(({ status }) => status));
    expect([...answers].filter((status) => status !== null && status !== 200 && status !== 503)).toEqual([]);
    expect(deliveries.notes({ outcome: 'given-up' })).toEqual([]);
    await until('every change is published', () => world.lost().length === 0, { timeoutMs: 30_000 });
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
      await relay.startService(service, { env: world.settings });
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
    expect(world.lineOf(await world.lines(), 'CREDENTIAL_PRIVATE_JWKS', 'fresh')?.neededBy).toEqual([
      { by: 'hookup.v1 not yet read', count: 1 },
    ]);
    await relay.startService('token-broker', { env: world.settings });
    await relay.untilState(relay.tenantId(7), 'active', 60_000);

    const elsewhere = JSON.stringify(relay.simulator.provet.hookup(7)).replaceAll(relay.simulator.host, 'ca.test:81');
    expect((await relay.hookup(elsewhere, keys.fresh.HOOKUP_SECRET)).status).toBe(403);
    await until('it waits with a hold', async () => {
      return world
        .lineOf(await world.lines(), 'CREDENTIAL_PRIVATE_JWKS', 'fresh')
        ?.neededBy.some(({ by }) => by === 'open holds');
    });
    const registry = await refusal('tenant-registry', { CREDENTIAL_PUBLIC_JWKS: other.CREDENTIAL_PUBLIC_JWKS });
    expect(registry).toContain(`CREDENTIAL_PUBLIC_JWKS lacks the key ${kid}`);
    await relay.startService('tenant-registry', { env: world.settings });
  });
});
