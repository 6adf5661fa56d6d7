import { fileScope, until } from '@relay/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { KeyExchange } from './support/key-sets.js';
import { KeyWorld } from './support/key-world.js';
import type { RelayStack } from './support/relay-stack.js';

const scope = fileScope();
const SETS = ['CREDENTIAL_PRIVATE_JWKS', 'PROVET_TOKEN_PRIVATE_JWKS', 'STORAGE_KEYS_JWKS', 'WEBHOOK_KEYS'];

/** The short proof; every set, EXACT's too, and what is refused is in `key-rotation.slow-spec.ts`. */
describe('keys are exchanged while webhooks flow', () => {
  let world: KeyWorld;
  let relay: RelayStack;
  let keys: KeyExchange;

  beforeAll(async () => {
    world = await KeyWorld.start(scope, { tenants: 1, recordsEach: 5 });
    ({ relay, keys } = world);
    world.startChanging();
  });
  afterAll(() => world.stop());

  it('first for those who read with them, then for those who write; then the old ones are needed no more', async () => {
    await world.roll(['token-broker'], keys.both('fresh', 'CREDENTIAL_PRIVATE_JWKS', 'STORAGE_KEYS_JWKS'));
    await world.roll(['gateway'], keys.both('fresh', 'HOOKUP_SECRET', 'WEBHOOK_KEYS', 'CREDENTIAL_PUBLIC_JWKS'));
    await world.roll(['provet-sync'], keys.both('fresh', 'PROVET_TOKEN_PRIVATE_JWKS'));
    await world.roll(['tenant-registry'], {});
    const sealing = keys.both('fresh', 'PROVET_TOKEN_PUBLIC_JWKS');
    // The new row of a token is committed, and dies unsent with its process.
    await relay.dieAt('token-broker', 'token-broker:after-reseal', { env: { ...world.settings, ...sealing } });
    await world.roll(['token-broker'], sealing);
    const verdicts = async (): Promise<unknown[]> => {
      const now = await world.lines();
      return SETS.map((set) => world.lineOf(now, set, 'old')?.verdict);
    };
    await expect.poll(verdicts, { timeout: 60_000, interval: 1_000 }).toEqual(SETS.map(() => 'may be removed'));
  });

  it('everything goes on without them, a new practice joins, and no change was lost or refused', async () => {
    const { deliveries } = relay.simulator.provet;
    await until('no webhook is under way to an old URL', () => deliveries.unfinished < 5);
    const { fresh } = keys;
    const only = keys.only(
      'fresh',
      ...(['HOOKUP_SECRET', 'WEBHOOK_KEYS', 'CREDENTIAL_PUBLIC_JWKS', 'CREDENTIAL_PRIVATE_JWKS'] as const),
      ...(['PROVET_TOKEN_PUBLIC_JWKS', 'PROVET_TOKEN_PRIVATE_JWKS', 'STORAGE_KEYS_JWKS'] as const),
    );
    for (const service of ['provet-sync', 'token-broker', 'tenant-registry', 'gateway'] as const) {
      await world.roll([service], only);
    }
    relay.simulator.provet.addTenant({ id: 2, records: { client: 1 } });
    const hookup = relay.simulator.provet.hookup(2);
    expect((await relay.hookup(hookup, keys.old.HOOKUP_SECRET)).status).toBe(404);
    expect((await relay.hookup(hookup, fresh.HOOKUP_SECRET)).status).toBe(200);
    await relay.untilState(relay.tenantId(2), 'active', 60_000);
    await world.quiet();
    const answers = new Set(deliveries.notes().map(({ status }) => status));
    expect([...answers].filter((status) => status !== null && status !== 200 && status !== 503)).toEqual([]);
    expect(deliveries.notes({ outcome: 'given-up' })).toEqual([]);
    await until('every change is published', () => world.lost().length === 0, { timeoutMs: 30_000 });
  });
});
