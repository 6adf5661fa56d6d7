import { recordTopic, type ServiceName } from '@relay/contracts';
import { fileScope, until } from '@relay/testing';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkAccepted, type Accepted } from './support/accepted-checker.js';
import { EventLog } from './support/event-log.js';
import { KeyExchange } from './support/key-sets.js';
import { keyLines } from './support/keys-status.js';
import { RelayStack } from './support/relay-stack.js';
import { StatusLog } from './support/status-log.js';

const scope = fileScope();
const CLIENT = recordTopic('provet', 'client');
const RECORDS = 5;
const SETS = ['CREDENTIAL_PRIVATE_JWKS', 'PROVET_TOKEN_PRIVATE_JWKS', 'STORAGE_KEYS_JWKS', 'WEBHOOK_KEYS'];

/** The short proof; every set, EXACT's too, and what is refused is in `key-rotation.slow-spec.ts`. */
describe('keys are exchanged while webhooks flow', () => {
  let relay: RelayStack;
  let log: EventLog;
  let keys: KeyExchange;
  let settings: Record<string, string> = {};
  const changed = new Map<string, Accepted>();
  const stopped = new AbortController();
  let pump: Promise<void>;

  beforeAll(async () => {
    // Only webhooks may bring a change here: the checks run once a day.
    relay = await RelayStack.start(scope, {
      env: { PROVET_RESOURCES: 'client', PROVET_RECONCILE_SECONDS: '86400' },
    });
    keys = new KeyExchange(relay.keys);
    log = await EventLog.follow(scope, relay.kafka, [['provet', 'client']]);
    const status = await StatusLog.follow(scope, relay.kafka);
    const tenantId = await relay.joinProvet({ id: 1, records: { client: RECORDS } });
    await until('it is live', () => status.allLive(tenantId, ['client']), { timeoutMs: 60_000 });
    relay.simulator.provet.deliveries.retryPausesMs = Array.from({ length: 100 }, () => 300);
    pump = change();
  });
  afterAll(() => stopped.abort());

  async function change(): Promise<void> {
    for (let n = 0; !stopped.signal.aborted; n += 1) {
      const id = 1 + (n % RECORDS);
      relay.simulator.provet.put(1, 'client', id, { firstname: `change-${n}` });
      const key = `${relay.tenantId(1)}/${id}`;
      changed.set(key, { key, member: 'firstname', value: `change-${n}` });
      await sleep(100, undefined, { signal: stopped.signal }).catch(() => undefined);
    }
  }

  const lines = () => keyLines({ ...relay.env, ...settings });
  async function roll(service: ServiceName, change: Record<string, string>): Promise<void> {
    settings = { ...settings, ...change };
    await relay.service(service).stop();
    await relay.startService(service, { env: settings });
  }

  it('first for those who read with them, then for those who write; then the old ones are needed no more', async () => {
    await roll('token-broker', keys.both('fresh', 'CREDENTIAL_PRIVATE_JWKS', 'STORAGE_KEYS_JWKS'));
    await roll('gateway', keys.both('fresh', 'HOOKUP_SECRET', 'WEBHOOK_KEYS', 'CREDENTIAL_PUBLIC_JWKS'));
    await roll('provet-sync', keys.both('fresh', 'PROVET_TOKEN_PRIVATE_JWKS'));
    await roll('tenant-registry', {});
    await roll('token-broker', keys.both('fresh', 'PROVET_TOKEN_PUBLIC_JWKS'));
    const verdicts = async (): Promise<unknown[]> => {
      const now = await lines();
      return SETS.map((set) => now.find((line) => line.set === set && line.kid === keys.names('old')[set])?.verdict);
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
      await roll(service, only);
    }
    relay.simulator.provet.addTenant({ id: 2, records: { client: 1 } });
    const hookup = relay.simulator.provet.hookup(2);
    expect((await relay.hookup(hookup, keys.old.HOOKUP_SECRET)).status).toBe(404);
    expect((await relay.hookup(hookup, fresh.HOOKUP_SECRET)).status).toBe(200);
    await relay.untilState(relay.tenantId(2), 'active', 60_000);
    stopped.abort();
    await pump;
    await until('all webhooks are delivered', () => deliveries.unfinished === 0, { timeoutMs: 30_000 });
    const answers = new Set(deliveries.notes().map(({ status }) => status));
    expect([...answers].filter((status) => status !== null && status !== 200 && status !== 503)).toEqual([]);
    expect(deliveries.notes({ outcome: 'given-up' })).toEqual([]);
    await until('every change is published', () => checkAccepted(log, CLIENT, changed.values()).length === 0, {
      timeoutMs: 30_000,
    });
  });
});
