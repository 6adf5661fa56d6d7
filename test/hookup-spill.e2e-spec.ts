import { fileScope, until } from '@relay/testing';
import { resolve } from 'node:path';
import { Client } from 'pg';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { ownKafka, type OwnServer } from './support/own-server.js';
import { RelayStack } from './support/relay-stack.js';

const scope = fileScope();
const ARM = resolve(import.meta.dirname, '..', 'tools', 'faults', 'arm.mjs');
/** The advisory lock under which the spill is emptied: whoever holds it keeps what is in there from moving. */
const DRAIN_LOCK = [7300, 1];

describe('the front door while Kafka hangs', () => {
  let kafka: OwnServer;
  let relay: RelayStack;
  let database: Client;

  beforeAll(async () => {
    kafka = await ownKafka(scope);
    vi.stubEnv('KAFKA_BROKERS', kafka.address);
    relay = await RelayStack.start(scope, { services: ['gateway', 'tenant-registry', 'token-broker'] });
    for (const id of [1, 2, 3, 4]) relay.simulator.provet.addTenant({ id, records: 1 });
    database = new Client({ connectionString: relay.databaseUrl });
    await database.connect();
    scope.onTestFinished(() => database.end());
  });

  const registration = (id: number, over: object = {}) => ({ ...relay.simulator.provet.hookup(id), ...over });
  const spilled = async () => {
    const { rows } = await database.query<{ key: string }>('select message_key as key from gateway.spill');
    return rows.map(({ key }) => key);
  };
  interface Credential {
    readonly credentialId: string;
    readonly health: string | null;
    readonly inForce: boolean;
  }
  const credentials = async (tenantId: string): Promise<readonly Credential[]> =>
    ((await relay.tenant(tenantId))?.detail as { credentials: Credential[] } | undefined)?.credentials ?? [];

  it('takes registrations into its spill, refuses webhooks, and has the tenant active once Kafka is back', async () => {
    kafka.pause();
    try {
      const started = Date.now();
      const [taken, webhook] = await Promise.all([relay.hookup(registration(1)), relay.webhook(1, 1, 'client_id=1')]);
      expect(Date.now() - started).toBeLessThan(10_000);
      expect(taken.status).toBe(200);
      expect([webhook.status, webhook.headers.get('retry-after')]).toEqual([503, expect.stringMatching(/^\d+$/)]);
      expect(await spilled()).toHaveLength(1);
    } finally {
      kafka.resume();
    }
    await relay.untilState(relay.tenantId(1), 'active', 60_000);
    await until('the spill is empty', async () => (await spilled()).length === 0);
  });

  it('lets a registration that comes out of the spill late undo nothing newer', async () => {
    await database.query('select pg_advisory_lock($1, $2)', DRAIN_LOCK);
    kafka.pause();
    const late = [registration(2, { client_secret: 'wrong' }), registration(2, { client_id: 'other' })];
    const answers = await Promise.all(late.map((body) => relay.hookup(body))).finally(() => kafka.resume());
    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
    const waiting = await spilled();
    expect(waiting).toHaveLength(2);
    expect((await relay.hookup(registration(2))).status).toBe(200);
    const tenantId = relay.tenantId(2);
    await relay.untilState(tenantId, 'active', 60_000);
    // The newer one went straight to Kafka or behind the others into the spill: only the first of these shows anything.
    expect(await spilled()).toEqual(waiting);
    await database.query('select pg_advisory_unlock($1, $2)', DRAIN_LOCK);
    await until('the spill is empty', async () => (await spilled()).length === 0);
    const { client_id } = registration(2) as { client_id: string };
    await until('the late ones are judged', async () => (await credentials(tenantId)).length === 2);
    await until('the candidate of the late one has been tried', async () =>
      (await credentials(tenantId)).some(
        ({ credentialId, health }) => credentialId.endsWith('/other') && health !== null,
      ),
    );
    const inForce = (await credentials(tenantId)).filter((one) => one.inForce);
    expect(inForce).toMatchObject([{ credentialId: `${tenantId}/${client_id}`, health: 'proven' }]);
    expect((await relay.tenant(tenantId))?.state).toBe('active');
    // The older secret of the client may have been tried before the newer one came, and was not asked about after that.
    const asked = relay.simulator.provet.requests.list(/POST \/2\/oauth2\/token\//);
    const ofClient = asked.filter(({ caller }) => caller === client_id).map(({ status }) => status);
    expect(ofClient.at(-1)).toBe(200);
    expect(ofClient.filter((status) => status === 200)).toHaveLength(1);
  });

  it('keeps a registration through kill -9, before and after it went into the spill and after it left it', async () => {
    const armed = (point: string) => ({ importFirst: ARM, env: { FAULT_POINTS: `${point}:kill` } });
    await relay.service('gateway').stop();
    for (const [point, left] of [
      ['gateway:before-spill', 0],
      ['gateway:after-spill', 1],
    ] as const) {
      const doomed = await relay.startService('gateway', armed(point));
      kafka.pause();
      try {
        await expect(relay.hookup(registration(4))).rejects.toThrow('fetch failed');
        expect(await doomed.ended).toBe('SIGKILL');
      } finally {
        kafka.resume();
      }
      expect(await spilled()).toHaveLength(left);
    }
    const second = await relay.startService('gateway', armed('gateway:after-drain-send')).catch((error: unknown) => {
      // Killed by what it found in the spill, before it was ready.
      if (!(error instanceof Error && error.message.includes('SIGKILL'))) throw error;
    });
    expect(await (second?.ended ?? 'SIGKILL')).toBe('SIGKILL');
    expect(await spilled()).toHaveLength(1);
    await relay.startService('gateway');
    await until('the spill is empty', async () => (await spilled()).length === 0);
    const tenantId = relay.tenantId(4);
    await relay.untilState(tenantId, 'active', 60_000);
    expect((await credentials(tenantId)).map(({ inForce }) => inForce)).toEqual([true]);
  });

  it('serves on without its own database', async () => {
    await relay.service('gateway').stop();
    await relay.startService('gateway', { env: { DATABASE_URL: 'postgres://nobody:nothing@127.0.0.1:1/none' } });
    expect((await relay.hookup(registration(3))).status).toBe(200);
    await relay.untilState(relay.tenantId(3), 'active', 60_000);
  });
});
