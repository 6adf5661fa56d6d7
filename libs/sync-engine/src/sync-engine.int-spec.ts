import { recordEventHeaders, recordEventValue } from '@relay/contracts';
import { until } from '@relay/testing';
import { describe, expect, it } from 'vitest';
import { EngineWorld } from './test-support/engine-world.js';
import { ScriptedVendor } from './test-support/scripted-vendor.js';

describe('a notice becomes an event', () => {
  it('publishes the present state of the record, in the detail form', async (scope) => {
    const vendor = new ScriptedVendor();
    const world = await EngineWorld.create(scope, vendor);
    const { tenantId } = await world.tenant();
    vendor.put(tenantId, 'client', 7, { name: 'Ann', detail_only: 1 }, Date.now() - 60_000);
    await world.start();
    await world.live(tenantId);
    const [snapshot] = await until('the snapshot', () => {
      const events = world.eventsOf(tenantId, 7);
      return events.length > 0 ? events : null;
    });
    expect(snapshot?.headers['ce_type']).toBe('practice-relay.provet.client.snapshot');
    expect(snapshot?.headers['ce_cause']).toBe('backfill');
    expect(recordEventValue.parse(snapshot?.value).record).toEqual(vendor.present(tenantId, 'client', 7));

    vendor.put(tenantId, 'client', 7, { name: 'Anna', detail_only: 1 });
    await world.notice(tenantId, 7);
    const updated = await until('the update', () => world.eventsOf(tenantId, 7)[1]);
    const value = recordEventValue.parse(updated.value);
    expect(recordEventHeaders.parse(updated.headers).ce_type).toBe('practice-relay.provet.client.updated');
    expect(value.record).toEqual(vendor.present(tenantId, 'client', 7));
    expect(value.changedFields.sort()).toEqual(['/modified', '/name']);
    expect(value.previous?.['/name']).toBe('Ann');
    expect(value.lineage).toMatchObject({ cause: 'notice', trigger: 1 });
    expect(value.previousVersion).toBe(recordEventValue.parse(snapshot?.value).version);
    await world.counted(tenantId, { notices: 1, duplicates: 0, missed: 0 });
    await until('the row knows its place in the log', async () => {
      const rows = await world.database.query<{ seen: boolean }>(
        'select log_version = version and log_offset = $1 as seen from record',
        [String(updated.offset)],
      );
      return rows[0]?.seen;
    });
  });
});
