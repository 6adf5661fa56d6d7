import { until } from '@relay/testing';
import { describe, expect, it } from 'vitest';
import { EngineWorld } from '../test-support/engine-world.js';
import { BACKFILL, ScriptedVendor, SWEEP } from '../test-support/scripted-vendor.js';

const CLIENT_DELETED = 39;

async function liveWorld(
  scope: Parameters<typeof EngineWorld.create>[0],
  vendor: ScriptedVendor,
  records: number,
  resources = ['client'],
) {
  const world = await EngineWorld.create(scope, vendor);
  const { tenantId } = await world.tenant();
  for (const resource of resources) {
    for (let id = 1; id <= records; id += 1) {
      vendor.put(tenantId, resource, id, { name: `N${id}` }, Date.now() - 3_600_000);
    }
  }
  await world.start();
  for (const resource of resources) await world.live(tenantId, resource);
  return { world, tenantId };
}

describe('deletions', () => {
  it('publishes a tombstone at once after a delete trigger, and a created after the return', async (scope) => {
    const vendor = new ScriptedVendor();
    const { world, tenantId } = await liveWorld(scope, vendor, 2);
    const [first] = world.eventsOf(tenantId, 1);
    vendor.remove(tenantId, 'client', 1);
    const before = vendor.count('record', '1');
    await world.notice(tenantId, 1, { trigger: CLIENT_DELETED });
    const tombstone = await until('the tombstone', () => world.eventsOf(tenantId, 1)[1]);
    expect(tombstone.value).toBeNull();
    expect(tombstone.headers['ce_type']).toBe('practice-relay.provet.client.deleted');
    expect(Number(tombstone.headers['ce_recordversion'])).toBeGreaterThan(Number(first?.headers['ce_recordversion']));
    expect(vendor.count('record', '1')).toBe(before + 1);
    expect(vendor.count('list')).toBe(1);
    await world.counted(tenantId, { deleted: 1 });

    vendor.put(tenantId, 'client', 1, { name: 'Back' });
    await world.notice(tenantId, 1);
    const back = await until('the return', () => world.eventsOf(tenantId, 1)[2]);
    expect(back.headers['ce_type']).toBe('practice-relay.provet.client.created');
    expect(back.value).toMatchObject({
      changedFields: [],
      previousVersion: Number(tombstone.headers['ce_recordversion']),
    });
  });

  it('takes a second 404 without a delete trigger', async (scope) => {
    const vendor = new ScriptedVendor();
    const { world, tenantId } = await liveWorld(scope, vendor, 2);
    vendor.remove(tenantId, 'client', 2);
    await world.notice(tenantId, 2);
    await until('the tombstone', () => world.eventsOf(tenantId, 2)[1]);
    const looks = vendor.calls.filter((call) => call.kind === 'record' && call.recordId === '2').slice(-2);
    expect((looks[1]?.at ?? 0) - (looks[0]?.at ?? 0)).toBeGreaterThanOrEqual(300);
  });

  it('deletes nothing when a record was only away for a moment', async (scope) => {
    const vendor = new ScriptedVendor();
    const { world, tenantId } = await liveWorld(scope, vendor, 1);
    const record = vendor.present(tenantId, 'client', 1) as { name: string; modified: string };
    vendor.remove(tenantId, 'client', 1);
    const before = vendor.count('record', '1');
    await world.notice(tenantId, 1);
    await until('it was looked for', () => vendor.count('record', '1') > before);
    vendor.put(tenantId, 'client', 1, { name: record.name }, Date.parse(record.modified));
    await until('nothing waits', async () => (await world.database.query('select 1 from pending')).length === 0);
    expect(world.eventsOf(tenantId, 1)).toHaveLength(1);
  });

  it('finds deletions by the sweep, without a notice', async (scope) => {
    const vendor = new ScriptedVendor({ passes: [BACKFILL, SWEEP], pageSize: 3 });
    const { world, tenantId } = await liveWorld(scope, vendor, 8);
    vendor.remove(tenantId, 'client', 2);
    vendor.remove(tenantId, 'client', 8);
    for (const id of [2, 8]) {
      const tombstone = await until(`tombstone of ${id}`, () => world.eventsOf(tenantId, id)[1]);
      expect(tombstone.value).toBeNull();
      expect(tombstone.headers['ce_cause']).toBe('sweep');
    }
    await world.counted(tenantId, { deleted: 2, missed: 0 });
  });

  it('deletes nothing of a tenant whose every address answers 404, and works on when it is back', async (scope) => {
    const vendor = new ScriptedVendor({ passes: [BACKFILL, SWEEP], resources: ['client', 'patient'] });
    const { world, tenantId } = await liveWorld(scope, vendor, 3, ['client', 'patient']);
    vendor.closed = true;
    await world.notice(tenantId, 1, { trigger: CLIENT_DELETED });
    await until('it says so', () => world.status(tenantId)?.reason === 'tenant-not-found');
    expect(world.status(tenantId, 'patient')).toMatchObject({ phase: 'paused', reason: 'tenant-not-found' });
    expect(world.events.filter((event) => event.value === null)).toEqual([]);
    vendor.closed = false;
    vendor.put(tenantId, 'client', 3, { name: 'Open again' });
    await world.notice(tenantId, 3);
    await until('it works on', () => world.eventsOf(tenantId, 3)[1]);
    await world.live(tenantId);
    expect(world.events.filter((event) => event.value === null)).toEqual([]);
  });

  it('finds out anew whether a tenant is there once somebody has resumed it', async (scope) => {
    const vendor = new ScriptedVendor();
    const { world, tenantId } = await liveWorld(scope, vendor, 3);
    vendor.closed = true;
    await world.notice(tenantId, 1, { trigger: CLIENT_DELETED });
    await until('it says so', () => world.status(tenantId)?.reason === 'tenant-not-found');
    await world.tenant({ state: 'suspended', reason: 'not-found', version: 2 });
    await until('it is paused', () => world.status(tenantId)?.reason === 'not-found');
    vendor.closed = false;
    const reasons: (string | null | undefined)[] = [];
    await world.tenant({ version: 3 });
    await until('it is live', () => {
      const status = world.status(tenantId);
      if (status?.reason !== 'not-found') reasons.push(status?.reason);
      return status?.phase === 'live';
    });
    expect(reasons).not.toContain('tenant-not-found');
  });

  it('takes a 404 that is not in the form of the API for a fault', async (scope) => {
    const vendor = new ScriptedVendor();
    const { world, tenantId } = await liveWorld(scope, vendor, 3);
    vendor.remove(tenantId, 'client', 1);
    vendor.bareNotFound = true;
    await world.notice(tenantId, 1, { trigger: CLIENT_DELETED });
    await until('it is parked', () => world.status(tenantId)?.parked === 1);
    expect(world.eventsOf(tenantId, 1)).toHaveLength(1);
  });

  it('holds deletions when there are more than is plausible', async (scope) => {
    const vendor = new ScriptedVendor({ passes: [BACKFILL, SWEEP] });
    const { world, tenantId } = await liveWorld(scope, vendor, 40);
    for (let id = 1; id <= 30; id += 1) vendor.remove(tenantId, 'client', id);
    await until('they are held', () => world.status(tenantId)?.reason === 'deletions-held');
    expect(world.status(tenantId)?.phase).toBe('paused');
    await until('all that is absent was looked at', async () => {
      const rows = await world.database.query("select 1 from pending where detail ? 'held'");
      return rows.length === 10;
    });
    await world.counted(tenantId, { deleted: 20 });
    // Changes go on all the same.
    vendor.put(tenantId, 'client', 40, { name: 'Alive' });
    await world.notice(tenantId, 40);
    await until('a change', () => world.eventsOf(tenantId, 40)[1]);
    expect(world.events.filter((event) => event.value === null)).toHaveLength(20);
  });
});
