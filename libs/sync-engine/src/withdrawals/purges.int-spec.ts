import { isMarkerKey, type PurgeReceipt, recordTopic } from '@relay/contracts';
import type { Database } from '@relay/database';
import { backupOf, until } from '@relay/testing';
import { describe, expect, it } from 'vitest';
import { EngineWorld, type SeenEvent } from '../test-support/engine-world.js';
import { gate, onFaultPoint } from '../test-support/fault-hook.js';
import { BACKFILL, ScriptedVendor } from '../test-support/scripted-vendor.js';

const CLIENTS = 30;
const PATIENTS = 7;
const TABLES = ['record', 'record_body', 'pending', 'cursor', 'lane', 'resource_state', 'republish', 'purge'];

const versionOf = (event: SeenEvent | undefined): number => Number(event?.headers['ce_recordversion']);

/** A world with two live tenants, of which the first is meant. */
async function twoTenants(scope: Parameters<typeof EngineWorld.create>[0], rules = {}) {
  const vendor = new ScriptedVendor({ passes: [BACKFILL], resources: ['client', 'patient'] });
  const world = await EngineWorld.create(scope, vendor);
  const { tenantId } = await world.tenant();
  const other = await world.tenant({ provetId: 171 });
  for (const [tenant, clients] of [
    [tenantId, CLIENTS],
    [other.tenantId, 3],
  ] as const) {
    for (let id = 1; id <= clients; id += 1) vendor.put(tenant, 'client', id, { name: `N${id}` }, Date.now() - 60_000);
    for (let id = 1; id <= PATIENTS; id += 1)
      vendor.put(tenant, 'patient', id, { name: `P${id}` }, Date.now() - 60_000);
  }
  const running = await world.start({ rules });
  for (const resource of ['client', 'patient']) {
    await world.live(tenantId, resource);
    await world.live(other.tenantId, resource);
  }
  await until('all is seen in the log', async () => {
    const rows = await world.database.query('select 1 from record where log_version is distinct from version');
    return rows.length === 0;
  });
  return { vendor, world, tenantId, otherId: other.tenantId, running };
}

async function withdrawAndPurge(world: EngineWorld): Promise<string> {
  await world.tenant({ state: 'withdrawn', version: 2, changedAt: new Date().toISOString() });
  const purgedAt = new Date().toISOString();
  await world.tenant({ state: 'purged', version: 3, changedAt: purgedAt, purgedAt });
  return purgedAt;
}

const receiptOf = (world: EngineWorld, tenantId: string, purgedAt: string) =>
  until(
    'the receipt',
    () => {
      const receipt = world.farewells.get(`${tenantId}/purge`) as PurgeReceipt | undefined;
      return receipt?.purgedAt === purgedAt ? receipt : null;
    },
    { timeoutMs: 30_000 },
  );

/** The tables that still know the tenant. */
async function rowsOf(database: Database, tenantId: string): Promise<string[]> {
  const found: string[] = [];
  for (const table of TABLES) {
    const rows = await database.query(`select 1 from ${table} where tenant_id = $1`, [tenantId]);
    if (rows.length > 0) found.push(`${table}: ${rows.length}`);
  }
  return found;
}

/** Keys of the tenant whose last message is no tombstone. */
function alive(world: EngineWorld, tenantId: string): string[] {
  const last = new Map<string, SeenEvent>();
  for (const event of world.events) {
    if (event.key.startsWith(`${tenantId}/`)) last.set(`${event.topic} ${event.key}`, event);
  }
  return [...last].filter(([, event]) => event.value !== null).map(([key]) => key);
}

describe('a purge', () => {
  it('leaves a tombstone for every key, no row, a receipt, and nobody else touched', async (scope) => {
    const { world, tenantId, otherId } = await twoTenants(scope);
    const before = new Map(world.events.map((event) => [`${event.topic} ${event.key}`, versionOf(event)]));
    const purgedAt = await withdrawAndPurge(world);
    const receipt = await receiptOf(world, tenantId, purgedAt);
    expect(receipt.records).toEqual({ client: CLIENTS, patient: PATIENTS });
    expect(alive(world, tenantId)).toEqual([]);
    const tombstones = world.events.filter((event) => event.value === null);
    expect(tombstones).toHaveLength(CLIENTS + PATIENTS);
    for (const event of tombstones) {
      expect(versionOf(event)).toBeGreaterThan(before.get(`${event.topic} ${event.key}`) as number);
      expect(versionOf(event)).toBeLessThanOrEqual(receipt.upTo);
      expect(event.headers['ce_type']).toMatch(/\.deleted$/);
    }
    expect(await rowsOf(world.database, tenantId)).toEqual([]);
    await until(
      'its status is gone',
      () => world.status(tenantId) === undefined && world.status(tenantId, 'patient') === undefined,
    );
    const audited = await until('the account', () => world.audits.find((one) => one.action === 'purged'));
    expect(audited).toMatchObject({ actor: 'service:provet-sync', tenantId, detail: { records: receipt.records } });

    expect(alive(world, otherId)).toHaveLength(3 + PATIENTS);
    expect(world.status(otherId)).toMatchObject({ phase: 'live' });
    expect(await rowsOf(world.database, otherId)).toContain('record: 10');
  });

  it('writes markers, and deletes them, in each partition that it has touched', async (scope) => {
    const { world, tenantId } = await twoTenants(scope, { purgeMarkersMs: [300, 900] });
    const purgedAt = await withdrawAndPurge(world);
    await receiptOf(world, tenantId, purgedAt);
    const touched = new Set(
      world.events.filter((event) => event.value === null).map((event) => `${event.topic} ${event.partition}`),
    );
    await until('no marker is due any more', async () => {
      return (await world.database.query('select 1 from purge_marker')).length === 0;
    });
    const markers = await until('all markers', () => {
      const found = world.events.filter((event) => isMarkerKey(event.key));
      return found.length === touched.size * 4 ? found : null;
    });
    for (const place of touched) {
      const here = markers.filter((event) => `${event.topic} ${event.partition}` === place);
      const partition = place.split(' ')[1];
      expect(here.map((event) => [event.key, event.value === null])).toEqual([
        [`~marker/${partition}/1`, false],
        [`~marker/${partition}/1`, true],
        [`~marker/${partition}/2`, false],
        [`~marker/${partition}/2`, true],
      ]);
    }
    expect(await world.database.query('select 1 from republish')).toEqual([]);
  });

  it('is finished by the next owner, with the same counts', async (scope) => {
    const { world, tenantId, running } = await twoTenants(scope);
    const stuck = gate();
    let reached = 0;
    onFaultPoint(scope, async (name) => {
      if (name !== 'sync:purge-before-receipt' || ++reached > 1) return;
      await stuck.opened;
    });
    const purgedAt = await withdrawAndPurge(world);
    await until('the rows are gone', () => reached === 1);
    await world.stop(running);
    expect(world.farewells.has(`${tenantId}/purge`)).toBe(false);
    await world.start();
    const receipt = await receiptOf(world, tenantId, purgedAt);
    expect(receipt.records).toEqual({ client: CLIENTS, patient: PATIENTS });
    stuck.open();
  });

  it('goes before the return of a tenant, whose records begin anew with higher versions', async (scope) => {
    const { world, vendor, tenantId } = await twoTenants(scope);
    vendor.remove(tenantId, 'client', 1);
    const purgedAt = await withdrawAndPurge(world);
    // Back at once: what was there before is purged all the same, and before the first call.
    await world.tenant({ state: 'active', version: 4, changedAt: new Date().toISOString(), purgedAt });
    const receipt = await receiptOf(world, tenantId, purgedAt);
    expect(receipt.records).toEqual({ client: CLIENTS, patient: PATIENTS });
    const back = await until('it is read again', () => {
      const last = world.last(tenantId, 2);
      return last?.value === null ? null : world.eventsOf(tenantId, 2).length > 2 ? last : null;
    });
    expect(versionOf(back)).toBeGreaterThan(receipt.upTo);
    expect(back.headers['ce_type']).toMatch(/\.snapshot$/);
    expect(world.last(tenantId, 1)?.value).toBeNull();
    await world.live(tenantId);
    expect(world.status(tenantId)?.counters.deleted).toBe(0);
    await until('its tombstones have no rows', async () => {
      return (await world.database.query('select 1 from record where deleted')).length === 0;
    });
  });

  it('is made again when the database is one from before it', async (scope) => {
    const { world, tenantId, running } = await twoTenants(scope);
    const restore = await backupOf(world.database);
    const purgedAt = await withdrawAndPurge(world);
    const first = await receiptOf(world, tenantId, purgedAt);
    await world.stop(running);
    await restore();
    expect(await rowsOf(world.database, tenantId)).not.toEqual([]);
    await world.start();
    await until('all is gone again', async () => (await rowsOf(world.database, tenantId)).length === 0, {
      timeoutMs: 30_000,
    });
    const second = await until('the second receipt', () => {
      const receipt = world.farewells.get(`${tenantId}/purge`) as PurgeReceipt;
      return receipt.version > first.version ? receipt : null;
    });
    expect(second.records).toEqual(first.records);
    expect(alive(world, tenantId)).toEqual([]);
  });

  it('is made again under a tenant that is back, which is then read anew', async (scope) => {
    const { world, vendor, tenantId, running } = await twoTenants(scope);
    const restore = await backupOf(world.database);
    const purgedAt = await withdrawAndPurge(world);
    const first = await receiptOf(world, tenantId, purgedAt);
    await world.tenant({ state: 'active', version: 4, changedAt: new Date().toISOString(), purgedAt });
    await until('it is read again', () => alive(world, tenantId).length === CLIENTS + PATIENTS);
    await world.stop(running);
    await restore();
    vendor.remove(tenantId, 'client', 1);
    await world.start();
    await until(
      'the second receipt',
      () => {
        return (world.farewells.get(`${tenantId}/purge`) as PurgeReceipt).version > first.version;
      },
      { timeoutMs: 30_000 },
    );
    await until('it is read anew', () => alive(world, tenantId).length === CLIENTS + PATIENTS - 1);
    expect(world.last(tenantId, 1)?.value).toBeNull();
  });

  it('follows a late message of a record that was purged', async (scope) => {
    const { world, tenantId } = await twoTenants(scope);
    const purgedAt = await withdrawAndPurge(world);
    const { version } = await receiptOf(world, tenantId, purgedAt);
    const [older] = world.eventsOf(tenantId, 1);
    if (older === undefined) throw new Error('no event');
    await world.kafka.producer('record').send({
      topic: recordTopic('provet', 'client'),
      key: older.key,
      value: JSON.stringify(older.value),
      headers: older.headers,
    });
    await until('a tombstone follows it', () => {
      const events = world.eventsOf(tenantId, 1);
      return events.length === 4 && events[3]?.value === null ? events : null;
    });
    await until('its receipt', () => {
      return (world.farewells.get(`${tenantId}/purge`) as PurgeReceipt).version > version;
    });
    expect(await rowsOf(world.database, tenantId)).toEqual([]);
  });
});
