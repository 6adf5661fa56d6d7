import { until } from '@relay/testing';
import { describe, expect, it } from 'vitest';
import { EngineWorld } from '../test-support/engine-world.js';
import { gate } from '../test-support/fault-hook.js';
import { ScriptedVendor } from '../test-support/scripted-vendor.js';

const MINUTE = 60_000;

describe('notices that wait', () => {
  it('fetches a record twice at most for ten notices, and ends at the last state', async (scope) => {
    const vendor = new ScriptedVendor();
    const world = await EngineWorld.create(scope, vendor);
    const { tenantId } = await world.tenant();
    vendor.put(tenantId, 'client', 1, { step: 0 }, Date.now() - MINUTE);
    await world.start();
    await world.live(tenantId);
    const before = vendor.count('record', '1');

    const answer = gate();
    vendor.gates.set('1', answer.opened);
    vendor.put(tenantId, 'client', 1, { step: 1 });
    await world.notice(tenantId, 1);
    await until('the first fetch is on its way', () => vendor.count('record', '1') === before + 1);
    for (let step = 2; step <= 10; step += 1) {
      vendor.put(tenantId, 'client', 1, { step });
      await world.notice(tenantId, 1);
    }
    await world.counted(tenantId, { notices: 10 });
    vendor.gates.delete('1');
    answer.open();

    const last = await until('the last state', () => {
      const event = world.last(tenantId, 1);
      return (event?.value?.['record'] as { step?: number } | undefined)?.step === 10 ? event : null;
    });
    expect(vendor.count('record', '1')).toBe(before + 2);
    expect(last.value?.['changedFields']).toContain('/step');
    const pending = await until('nothing waits', async () => {
      const rows = await world.database.query('select 1 from pending');
      return rows.length === 0 ? [rows] : null;
    });
    expect(pending).toHaveLength(1);
  });

  it('keeps notices of a tenant that is not known yet, and fetches them once it is active', async (scope) => {
    const vendor = new ScriptedVendor();
    const world = await EngineWorld.create(scope, vendor);
    const known = await world.tenant();
    const tenantId = 'provet:vet.example.com:18';
    vendor.put(tenantId, 'client', 5, { name: 'Early' });
    await world.start();
    await world.live(known.tenantId);
    await world.notice(tenantId, 5);
    await until('the notice is kept', async () => {
      const rows = await world.database.query('select 1 from pending where tenant_id = $1', [tenantId]);
      return rows.length === 1;
    });
    expect(vendor.calls.filter((call) => call.tenantId === tenantId)).toEqual([]);

    await world.tenant({ provetId: 18 });
    const event = await until('its event', () => world.last(tenantId, 5));
    expect(event.headers['ce_cause']).toBe('notice');
    expect(event.headers['ce_type']).toMatch(/snapshot$/);
  });

  it('drops what waits for a tenant that withdraws, and calls it no more', async (scope) => {
    const vendor = new ScriptedVendor();
    const world = await EngineWorld.create(scope, vendor);
    const tenant = await world.tenant();
    await world.start();
    await world.live(tenant.tenantId);
    vendor.fail = (kind) =>
      kind === 'record' ? { kind: 'throttled', retryAfterMs: 60_000, local: true, tookMs: 0 } : null;
    await world.notice(tenant.tenantId, 1);
    await until('it waits', async () => (await world.database.query('select 1 from pending')).length === 1);
    await world.tenant({ state: 'withdrawn', version: 2 });
    await until('nothing waits', async () => (await world.database.query('select 1 from pending')).length === 0);
    await until('it says so', () => world.status(tenant.tenantId)?.reason === 'withdrawn');
    const calls = vendor.calls.length;
    await world.notice(tenant.tenantId, 1);
    const active = await world.tenant({ provetId: 99 });
    await world.live(active.tenantId);
    expect(vendor.calls.slice(calls).filter((call) => call.tenantId === tenant.tenantId)).toEqual([]);
  });

  it('looks twice more when a notice came before its change was visible, then counts a duplicate', async (scope) => {
    const vendor = new ScriptedVendor();
    const world = await EngineWorld.create(scope, vendor);
    const { tenantId } = await world.tenant();
    vendor.put(tenantId, 'client', 3, { name: 'Old' }, Date.now() - 10 * MINUTE);
    await world.start();
    await world.live(tenantId);
    const before = vendor.count('record', '3');
    await world.notice(tenantId, 3);
    await world.counted(tenantId, { notices: 1, duplicates: 1 });
    expect(vendor.count('record', '3')).toBe(before + 3);
    expect(world.eventsOf(tenantId, 3)).toHaveLength(1);
  });
});
