import { backupOf, until } from '@relay/testing';
import { describe, expect, it } from 'vitest';
import { EngineWorld } from '../test-support/engine-world.js';
import { ScriptedVendor } from '../test-support/scripted-vendor.js';

describe('a database that was restored from a backup', () => {
  async function worldWithBackup(scope: Parameters<typeof EngineWorld.create>[0]) {
    const vendor = new ScriptedVendor();
    const world = await EngineWorld.create(scope, vendor);
    const { tenantId } = await world.tenant();
    vendor.put(tenantId, 'client', 1, { name: 'One' }, Date.now() - 60_000);
    const running = await world.start();
    await world.live(tenantId);
    return { vendor, world, tenantId, running, restore: await backupOf(world.database) };
  }

  it('has a record deleted on its topic that was made after the backup and that nobody has announced as gone', async (scope) => {
    const { vendor, world, tenantId, running, restore } = await worldWithBackup(scope);
    vendor.put(tenantId, 'client', 2, { name: 'After the backup' });
    await world.notice(tenantId, 2);
    await until('it is seen in the log', async () => {
      const rows = await world.database.query(`select 1 from record where record_id = '2' and log_version = version`);
      return rows.length === 1;
    });
    await world.stop(running);
    vendor.remove(tenantId, 'client', 2);
    await restore();
    // The groups stand behind it: nothing but the database says that it was forgotten. Its notice comes again too, and waits
    // for a record that may not be visible yet.
    await world.start({ rules: { overlapMs: 500 } });
    const tombstone = await until('its tombstone', () => world.eventsOf(tenantId, 2)[1]);
    expect(tombstone.value).toBeNull();
    const [made] = world.eventsOf(tenantId, 2);
    const versionOf = (event: typeof made): number => Number(event?.headers['ce_recordversion']);
    expect(versionOf(tombstone)).toBeGreaterThan(versionOf(made));
  });

  it('takes the notices in again that have come since the backup', async (scope) => {
    const { vendor, world, tenantId, running, restore } = await worldWithBackup(scope);
    await world.notice(tenantId, 1);
    await world.counted(tenantId, { notices: 1, duplicates: 1 });
    await world.stop(running);
    await restore();
    const before = vendor.count('record', '1');
    await world.start();
    await until('it is read again', () => vendor.count('record', '1') > before);
    await world.counted(tenantId, { notices: 1, duplicates: 1 });
    expect(world.status(tenantId)?.counters).toMatchObject({ notices: 1, missed: 0 });
  });
});
