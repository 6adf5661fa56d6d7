import { until } from '@relay/testing';
import { describe, expect, it } from 'vitest';
import { EngineWorld } from '../test-support/engine-world.js';
import { gate } from '../test-support/fault-hook.js';
import { BACKFILL, FAR, NEAR, RECONCILE, ScriptedVendor, SWEEP } from '../test-support/scripted-vendor.js';

const HOUR = 3_600_000;

function fill(vendor: ScriptedVendor, tenantId: string, records: number, detail: Record<string, unknown> = {}): void {
  for (let id = 1; id <= records; id += 1) {
    vendor.put(tenantId, 'client', id, { name: `N${id}`, ...detail }, Date.now() - HOUR);
  }
}

describe('first reading', () => {
  it('goes on at the page where a stopped process was', async (scope) => {
    const vendor = new ScriptedVendor({ pageSize: 5 });
    const world = await EngineWorld.create(scope, vendor);
    const { tenantId } = await world.tenant();
    fill(vendor, tenantId, 23, { detail_only: true });
    const hold = gate();
    vendor.gates.set('page:10', hold.opened);
    const first = await world.start();
    await until('the third page is asked for', () => vendor.count('page', '10') === 1);
    await until('progress is shown', () => (world.status(tenantId)?.backfill?.done ?? 0) >= 10);
    expect(world.status(tenantId)).toMatchObject({ phase: 'backfill', backfill: { total: 23 } });
    await world.stop(first);
    vendor.gates.clear();
    hold.open();

    await world.start();
    const status = await world.live(tenantId);
    expect(status.backfill).toBeNull();
    expect(status.completeAsOf).not.toBeNull();
    const firstPages = vendor.calls.filter((call) => call.kind === 'page' && call.recordId === null);
    expect(firstPages).toHaveLength(1);
    await until('all records are out', () => new Set(world.events.map((event) => event.key)).size === 23);
    expect(world.events.every((event) => event.value?.['record'] !== undefined)).toBe(true);
    expect(new Set(world.events.map((event) => event.headers['ce_type']))).toEqual(
      new Set(['practice-relay.provet.client.snapshot']),
    );
  });

  it('serves a live notice before it goes on', async (scope) => {
    const vendor = new ScriptedVendor({ pageSize: 100 });
    const world = await EngineWorld.create(scope, vendor);
    const { tenantId } = await world.tenant();
    fill(vendor, tenantId, 300);
    vendor.latencyMs = 10;
    await world.start({ config: { tenantConcurrency: 1 } });
    await until('it has begun', () => vendor.count('record') > 10);
    await world.notice(tenantId, 299);
    await until('the noticed record is out', () => world.last(tenantId, 299));
    expect(world.status(tenantId)?.phase).not.toBe('live');
    expect(world.last(tenantId, 299)?.headers['ce_cause']).toBe('notice');
    expect(world.last(tenantId, 299)?.headers['ce_type']).toMatch(/snapshot$/);
  });

  it('learns that the list form is complete and then reads no record twice', async (scope) => {
    const vendor = new ScriptedVendor({ pageSize: 25, passes: [BACKFILL, SWEEP] });
    const world = await EngineWorld.create(scope, vendor);
    const { tenantId } = await world.tenant();
    fill(vendor, tenantId, 75);
    await world.start();
    await world.live(tenantId);
    // The first page teaches; the other two are taken as they are.
    expect(vendor.count('record')).toBe(25);
    await until('all are out', () => world.events.length === 75);
    vendor.put(tenantId, 'client', 70, { name: 'Changed' });
    const event = await until('a sweep finds the change', () => world.eventsOf(tenantId, 70)[1]);
    expect(event.value?.['record']).toEqual(vendor.present(tenantId, 'client', 70));
    expect(world.events).toHaveLength(76);
  });

  it('learns that the list form is not complete and publishes the detail form', async (scope) => {
    const vendor = new ScriptedVendor({ pageSize: 25 });
    const world = await EngineWorld.create(scope, vendor);
    const { tenantId } = await world.tenant();
    fill(vendor, tenantId, 60, { detail_only: 1 });
    await world.start();
    await world.live(tenantId);
    expect(vendor.count('record')).toBe(60);
    await until('all are out', () => world.events.length === 60);
    expect(
      world.events.every((e) => (e.value?.['record'] as { detail_only?: number } | undefined)?.detail_only === 1),
    ).toBe(true);
  });
});

describe('changes that nobody announced', () => {
  it('counts one missed, heals it once, and calls it late when the notice comes after all', async (scope) => {
    const vendor = new ScriptedVendor({ passes: [BACKFILL, RECONCILE] });
    const world = await EngineWorld.create(scope, vendor);
    const { tenantId } = await world.tenant();
    const quiet = await world.tenant({ provetId: 18 });
    fill(vendor, tenantId, 3, { detail_only: 1 });
    fill(vendor, quiet.tenantId, 3, { detail_only: 1 });
    await world.start();
    await world.live(tenantId);
    await world.live(quiet.tenantId);
    vendor.put(tenantId, 'client', 2, { name: 'Missed', detail_only: 1 });
    const event = await until('it is healed', () => world.eventsOf(tenantId, 2)[1]);
    expect(event.headers['ce_cause']).toBe('reconcile');
    expect(event.at - Date.parse(vendor.present(tenantId, 'client', 2)?.['modified'] as string)).toBeGreaterThan(400);
    await world.counted(tenantId, { missed: 1, healed: 1, late: 0, notices: 0 });
    expect(world.status(quiet.tenantId)?.counters).toMatchObject({ missed: 0, healed: 0 });

    await world.notice(tenantId, 2);
    await world.counted(tenantId, { missed: 0, healed: 0, late: 1, notices: 1 });
    expect(world.eventsOf(tenantId, 2)).toHaveLength(2);
  });

  it('counts by trigger: whose notice was missed, which one came late, which told nothing new', async (scope) => {
    const vendor = new ScriptedVendor({ passes: [BACKFILL, RECONCILE] });
    const world = await EngineWorld.create(scope, vendor);
    const { tenantId } = await world.tenant();
    fill(vendor, tenantId, 3, { detail_only: 1 });
    const first = await world.start({ rules: { visibilityLooksMs: [] } });
    await world.live(tenantId);
    const now = Date.now();
    const created = new Date(now).toISOString();
    vendor.put(tenantId, 'client', 2, { name: 'Changed', detail_only: 1 }, now);
    vendor.put(tenantId, 'client', 9, { name: 'New', detail_only: 1, created }, now);
    await world.counted(tenantId, { missed: 2, healed: 2 });
    const missed = { notices: 0, duplicates: 0, late: 0, missed: 1 };
    expect(world.status(tenantId)?.triggers).toEqual({ 1: missed, 6: missed });

    // The late notice comes by another trigger than the one that was missed; what it takes back is that one's.
    await world.notice(tenantId, 9, { trigger: 45 });
    await world.counted(tenantId, { missed: 1, late: 1, notices: 1, duplicates: 1 });
    await world.notice(tenantId, 3, { trigger: 'any' });
    await world.counted(tenantId, { notices: 2, duplicates: 2 });
    const announced = { notices: 1, duplicates: 1, late: 0, missed: 0 };
    const late = { notices: 0, duplicates: 0, late: 1, missed: 0 };
    const sums = { 1: missed, 6: late, 45: announced, any: announced };
    expect(world.status(tenantId)?.triggers).toEqual(sums);

    // They stand in the tables, not only in memory.
    await world.stop(first);
    await world.start({ rules: { visibilityLooksMs: [] } });
    await world.notice(tenantId, 3);
    await world.counted(tenantId, { notices: 3, duplicates: 3 });
    expect(world.status(tenantId)?.triggers).toEqual({ ...sums, 1: { ...announced, missed: 1 } });
  });

  it('counts nothing missed when the notice comes within the grace', async (scope) => {
    const vendor = new ScriptedVendor({ passes: [BACKFILL, RECONCILE] });
    const world = await EngineWorld.create(scope, vendor);
    const { tenantId } = await world.tenant();
    fill(vendor, tenantId, 2, { detail_only: 1 });
    await world.start({ rules: { graceMs: 20_000 } });
    await world.live(tenantId);
    vendor.put(tenantId, 'client', 1, { name: 'Slow notice', detail_only: 1 });
    await until('a reconcile has seen it', async () => {
      const rows = await world.database.query("select 1 from pending where cause = 'reconcile'");
      return rows.length === 1;
    });
    expect(world.eventsOf(tenantId, 1)).toHaveLength(1);
    await world.notice(tenantId, 1);
    const event = await until('its event', () => world.eventsOf(tenantId, 1)[1]);
    expect(event.headers['ce_cause']).toBe('notice');
    await world.counted(tenantId, { missed: 0, healed: 0, notices: 1 });
  });

  it('calls it polled where notices are not known to be set up', async (scope) => {
    const vendor = new ScriptedVendor({ passes: [BACKFILL, RECONCILE], noticesFor: [] });
    const world = await EngineWorld.create(scope, vendor);
    const { tenantId } = await world.tenant();
    fill(vendor, tenantId, 2, { detail_only: 1 });
    await world.start();
    await world.live(tenantId);
    vendor.put(tenantId, 'client', 1, { name: 'Polled', detail_only: 1 });
    const event = await until('its event', () => world.eventsOf(tenantId, 1)[1]);
    expect(event.headers['ce_cause']).toBe('poll');
    await world.counted(tenantId, { missed: 0, healed: 0 });
  });

  it('makes no event of an unchanged record, however often it is read', async (scope) => {
    const vendor = new ScriptedVendor({ passes: [BACKFILL, RECONCILE, SWEEP] });
    const world = await EngineWorld.create(scope, vendor);
    const { tenantId } = await world.tenant();
    for (let id = 1; id <= 5; id += 1) vendor.put(tenantId, 'client', id, { signed_url: `a${id}`, detail_only: 1 });
    await world.start();
    await world.live(tenantId);
    const pages = vendor.count('page');
    await until('several passes have run', () => {
      const record = vendor.present(tenantId, 'client', 1);
      const modified = Date.parse(record?.['modified'] as string);
      vendor.put(tenantId, 'client', 1, { signed_url: String(Math.random()), detail_only: 1 }, modified);
      return vendor.count('page') >= pages + 5;
    });
    expect(world.events).toHaveLength(5);
  });
});

describe('a window that is read again and again', () => {
  it('asks for what it met before and does not meet any more, and for nothing else', async (scope) => {
    const vendor = new ScriptedVendor({ passes: [NEAR], hasNotices: false, hasDetail: false, noticesFor: [] });
    const world = await EngineWorld.create(scope, vendor);
    const { tenantId } = await world.tenant();
    fill(vendor, tenantId, 4);
    await world.start();
    await world.live(tenantId);
    await until('all are out', () => world.events.length === 4);
    expect(vendor.count('record')).toBe(0);
    vendor.put(tenantId, 'client', 2, { name: 'Moved away', outside: true });
    vendor.remove(tenantId, 'client', 3);
    vendor.put(tenantId, 'client', 4, { name: 'Changed' });
    const moved = await until('the moved one', () => world.eventsOf(tenantId, 2)[1]);
    const gone = await until('the tombstone', () => world.eventsOf(tenantId, 3)[1]);
    const changed = await until('the changed one', () => world.eventsOf(tenantId, 4)[1]);
    expect([moved, gone, changed].map((event) => event.headers['ce_cause'])).toEqual(['poll', 'poll', 'poll']);
    expect(gone.value).toBeNull();
    expect(vendor.calls.filter((c) => c.kind === 'record').every((c) => c.recordId === '2' || c.recordId === '3')).toBe(
      true,
    );
    await world.counted(tenantId, { missed: 0, deleted: 1 });
  });

  it('finds the deletion of a record that has moved on to another window before that was read', async (scope) => {
    const vendor = new ScriptedVendor({ passes: [NEAR, FAR], hasNotices: false, hasDetail: false, noticesFor: [] });
    const world = await EngineWorld.create(scope, vendor);
    const { tenantId } = await world.tenant();
    vendor.put(tenantId, 'client', 1, { name: 'Tomorrow', outside: 'far' });
    vendor.put(tenantId, 'client', 2, { name: 'Next month', outside: 'near' });
    await world.start();
    await world.live(tenantId);
    vendor.put(tenantId, 'client', 1, { name: 'Put off', outside: 'near' });
    await until('it has moved', () => world.eventsOf(tenantId, 1)[1]);
    vendor.remove(tenantId, 'client', 1);
    const gone = await until('the tombstone', () => world.eventsOf(tenantId, 1)[2]);
    expect(gone.value).toBeNull();
    expect(world.eventsOf(tenantId, 2)).toHaveLength(1);
  });
});
