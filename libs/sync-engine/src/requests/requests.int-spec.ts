import type { SyncReplyValue } from '@relay/contracts';
import { until } from '@relay/testing';
import { describe, expect, it } from 'vitest';
import { EngineWorld } from '../test-support/engine-world.js';
import { gate } from '../test-support/fault-hook.js';
import { BACKFILL, ScriptedVendor, SWEEP, type ScriptedVendorOptions } from '../test-support/scripted-vendor.js';

const HOUR = 3_600_000;
const SLOW_SWEEP = { ...SWEEP, everySeconds: 3_600 };

async function liveWorld(
  scope: Parameters<typeof EngineWorld.create>[0],
  { records = 2, rules = {}, ...options }: ScriptedVendorOptions & { records?: number; rules?: object } = {},
) {
  const vendor = new ScriptedVendor(options);
  const world = await EngineWorld.create(scope, vendor);
  const tenant = await world.tenant();
  const { tenantId } = tenant;
  for (let id = 1; id <= records; id += 1) {
    vendor.put(tenantId, 'client', id, { name: `N${id}` }, Date.now() - HOUR);
  }
  const running = await world.start({ rules });
  await world.live(tenantId);
  return { world, vendor, tenant, tenantId, running };
}

describe('what an operator asks about one record', () => {
  it('is answered from what is known, without a call', async (scope) => {
    const { world, vendor, tenantId } = await liveWorld(scope);
    await world.notice(tenantId, 1);
    await world.counted(tenantId, { duplicates: 1 });
    const event = await until('the event', () => world.last(tenantId, 1));
    const calls = vendor.calls.length;
    const seen = await until('it was seen in the log', async () => {
      const { record } = await world.ask(tenantId, 'lookup', 1);
      return record?.log === null ? null : record;
    });
    expect(seen).toMatchObject({
      state: 'present',
      version: Number(event.headers['ce_recordversion']),
      cause: 'backfill',
      lastNoticeAt: expect.any(String),
      lastFetchedAt: expect.any(String),
      log: { topic: 'provet.client.v1', partition: event.partition, offset: String(event.offset) },
      waiting: null,
    });
    expect((await world.ask(tenantId, 'lookup', 99)).record).toMatchObject({ state: 'unknown', version: null });
    expect((await world.ask(tenantId, 'lookup', 1, 'invoice')).record?.state).toBe('not-enabled');
    expect(vendor.calls.length).toBe(calls);
  });

  it('is read at the vendor: the same, healed, or not there', async (scope) => {
    const { world, vendor, tenantId } = await liveWorld(scope);
    expect(await world.ask(tenantId, 'verify', 1)).toMatchObject({ outcome: 'same', record: { state: 'present' } });

    vendor.put(tenantId, 'client', 1, { name: 'Changed' }, Date.now() - 30_000);
    const healed = await world.ask(tenantId, 'verify', 1);
    const event = await until('the event', () => world.eventsOf(tenantId, 1)[1]);
    expect(healed.outcome).toBe('healed');
    expect(healed.record?.version).toBe(Number(event.headers['ce_recordversion']));

    vendor.remove(tenantId, 'client', 2);
    const gone = await world.ask(tenantId, 'verify', 2);
    expect(gone).toMatchObject({ outcome: 'not-at-vendor', record: { state: 'deleted' } });
    await until('the tombstone', () => world.eventsOf(tenantId, 2)[1]);
    expect(await world.ask(tenantId, 'verify', 77)).toMatchObject({
      outcome: 'not-at-vendor',
      record: { state: 'unknown', waiting: null },
    });
    expect((await world.ask(tenantId, 'verify', 1, 'invoice')).outcome).toBe('not-enabled');
  });

  it('publishes a young difference at once, and counts it as missed when that can be known', async (scope) => {
    const noticesFor = ['client'];
    const { world, vendor, tenantId } = await liveWorld(scope, { noticesFor, rules: { graceMs: 2_000 } });
    vendor.put(tenantId, 'client', 1, { name: 'Unannounced' });
    expect((await world.ask(tenantId, 'verify', 1)).outcome).toBe('healed');
    expect(world.status(tenantId)?.counters.missed).toBe(0);
    await world.counted(tenantId, { missed: 1, healed: 1 });

    vendor.put(tenantId, 'client', 2, { name: 'Announced, late' });
    expect((await world.ask(tenantId, 'verify', 2)).outcome).toBe('healed');
    await world.notice(tenantId, 2);
    await world.counted(tenantId, { missed: 1, healed: 1, duplicates: 1 });
    const left = await until('nothing waits', async () => {
      const rows = await world.database.query('select 1 from pending');
      return rows.length === 0 ? rows : null;
    });
    expect(left).toEqual([]);
    expect(world.status(tenantId)?.counters).toMatchObject({ missed: 1, late: 0 });
  });

  it('is asked again where it is forbidden, and knows when it no longer is', async (scope) => {
    const { world, vendor, tenantId } = await liveWorld(scope, { rules: { forbiddenProbeMs: HOUR } });
    vendor.fail = (kind) => (kind === 'record' ? { kind: 'forbidden', tookMs: 1 } : null);
    expect((await world.ask(tenantId, 'verify', 1)).outcome).toBe('forbidden');
    expect((await world.ask(tenantId, 'verify', 1)).outcome).toBe('forbidden');
    vendor.fail = () => null;
    expect((await world.ask(tenantId, 'verify', 1)).outcome).toBe('same');
  });

  it('is answered from the tenant’s state while that is not called', async (scope) => {
    const { world, vendor, tenant, tenantId } = await liveWorld(scope);
    vendor.fail = () => ({ kind: 'unavailable', detail: 'refused', retryAfterMs: null, tookMs: 1 });
    const offline = await world.ask(tenantId, 'verify', 1);
    expect(offline).toMatchObject({ outcome: 'practice-offline-since', since: expect.any(String) });
    vendor.fail = () => null;

    await world.tenant({ ...tenant, version: tenant.version + 1, state: 'suspended', reason: 'operator' });
    const paused = await until('it is paused', async () => {
      const reply = await world.ask(tenantId, 'verify', 1);
      return reply.outcome === 'paused' ? reply : null;
    });
    expect(paused.detail).toBe('suspended: operator');
    await world.tenant({ ...tenant, version: tenant.version + 2, state: 'awaiting-consent' });
    await until('it awaits consent', async () => {
      return (await world.ask(tenantId, 'verify', 1)).outcome === 'awaiting-consent';
    });
  });

  it('survives the end of the process that was asked', async (scope) => {
    const { world, vendor, tenantId, running } = await liveWorld(scope);
    const held = gate();
    vendor.gates.set('1', held.opened);
    const requestId = await world.request(tenantId, 'verify', { resource: 'client', recordIds: ['1'] });
    await world.reply(requestId, 'accepted');
    await world.stop(running);
    held.open();
    vendor.gates.clear();
    await world.start();
    expect((await world.reply(requestId)).outcome).toBe('same');
  });

  it('refuses what it does not know', async (scope) => {
    const { world, tenantId } = await liveWorld(scope);
    const refusal = async (tenant: string, kind: string): Promise<SyncReplyValue['code']> =>
      (await world.reply(await world.request(tenant, kind), 'refused')).code;
    expect(await refusal(tenantId, 'dance')).toBe('unknown-kind');
    expect(await refusal('provet:vet.example.com:4711', 'lookup')).toBe('no-such-tenant');
  });
});

describe('a resync', () => {
  it('reads named records again, and nothing else', async (scope) => {
    const { world, vendor, tenantId } = await liveWorld(scope, { records: 3 });
    vendor.put(tenantId, 'client', 2, { name: 'Changed' }, Date.now() - 30_000);
    vendor.put(tenantId, 'client', 9, { name: 'Never met' }, Date.now() - 30_000);
    const before = vendor.count('record');
    const requestId = await world.request(tenantId, 'resync', { resource: 'client', recordIds: ['2', '9', '2'] });
    expect((await world.reply(requestId)).progress).toEqual({ asked: 2, waiting: 0 });
    await until('the change', () => world.eventsOf(tenantId, 2)[1]);
    await until('the new one', () => world.eventsOf(tenantId, 9)[0]);
    expect(vendor.count('record') - before).toBe(2);
    expect(await world.database.query('select 1 from request')).toEqual([]);
  });

  it('of everything reads all again and finds what nobody knew, over the end of a process', async (scope) => {
    const rules = { requestPage: 5, requestTickMs: 20 };
    const passes = [BACKFILL, SLOW_SWEEP];
    const { world, vendor, tenantId, running } = await liveWorld(scope, { records: 40, rules, passes });
    vendor.put(tenantId, 'client', 99, { name: 'Never met' }, Date.now() - 30_000);
    vendor.put(tenantId, 'client', 7, { name: 'Changed' }, Date.now() - 30_000);
    const before = new Map([...Array(40).keys()].map((n) => [n + 1, vendor.count('record', String(n + 1))]));
    vendor.latencyMs = 20;
    const requestId = await world.request(tenantId, 'resync');
    await world.reply(requestId, 'working');
    await world.stop(running);
    await world.start({ rules });
    await world.reply(requestId);
    for (const [id, calls] of before) expect(vendor.count('record', String(id)), String(id)).toBeGreaterThan(calls);
    await until('the change', () => world.eventsOf(tenantId, 7)[1]);
    await until('the one that was not known', () => world.eventsOf(tenantId, 99)[0]);
    expect(world.eventsOf(tenantId, 8)).toHaveLength(1);
  });

  it('of a time range reads what the vendor has changed in it', async (scope) => {
    const { world, vendor, tenantId } = await liveWorld(scope);
    vendor.put(tenantId, 'client', 1, { name: 'Lately' }, Date.now() - 60_000);
    await world.ask(tenantId, 'verify', 1);
    const before = [vendor.count('record', '1'), vendor.count('record', '2')];
    const from = new Date(Date.now() - 120_000).toISOString();
    const { progress } = await world.reply(await world.request(tenantId, 'resync', { from }));
    expect(progress).toEqual({ asked: 1, waiting: 0 });
    expect([vendor.count('record', '1'), vendor.count('record', '2')]).toEqual([(before[0] ?? 0) + 1, before[1]]);
  });

  it('of a resource that is off is refused', async (scope) => {
    const { world, tenantId } = await liveWorld(scope);
    const requestId = await world.request(tenantId, 'resync', { resource: 'invoice' });
    expect((await world.reply(requestId, 'refused')).code).toBe('not-enabled');
  });
});

describe('a replay', () => {
  it('sends the present versions again, deletions too, without a call', async (scope) => {
    const { world, vendor, tenantId } = await liveWorld(scope, { records: 3 });
    vendor.remove(tenantId, 'client', 3);
    await world.ask(tenantId, 'verify', 3);
    await until('the tombstone', () => world.eventsOf(tenantId, 3)[1]);
    const calls = vendor.calls.length;
    const first = world.eventsOf(tenantId, 1)[0];
    const { progress } = await world.reply(await world.request(tenantId, 'replay'));
    expect(progress).toEqual({ asked: 3, waiting: 0 });
    const again = await until('it is there again', () => world.eventsOf(tenantId, 1)[1]);
    expect(again.headers['ce_id']).toBe(first?.headers['ce_id']);
    expect(again.headers['ce_cause']).toBe('replay');
    expect(again.value).toEqual(first?.value);
    const tombstone = await until('the tombstone again', () => world.eventsOf(tenantId, 3)[2]);
    expect(tombstone.value).toBeNull();
    const none = await world.reply(
      await world.request(tenantId, 'replay', { resource: 'client', recordIds: ['2', '77'] }),
    );
    expect(none.progress).toEqual({ asked: 1, waiting: 0 });
    expect(world.eventsOf(tenantId, 77)).toEqual([]);
    expect(vendor.calls.length).toBe(calls);
  });
});

describe('deletions that wait for a person', () => {
  const passes = [BACKFILL, SLOW_SWEEP];

  async function heldWorld(scope: Parameters<typeof EngineWorld.create>[0]) {
    const found = await liveWorld(scope, { records: 30, passes });
    const { world, vendor, tenantId } = found;
    for (let id = 1; id <= 24; id += 1) vendor.remove(tenantId, 'client', id);
    await world.request(tenantId, 'resync');
    const status = await until('deletions are held', () => {
      const held = world.status(tenantId)?.heldDeletions;
      return held?.count === 4 ? world.status(tenantId) : null;
    });
    expect(status).toMatchObject({ phase: 'paused', reason: 'deletions-held', counters: { deleted: 20 } });
    return found;
  }

  it('are confirmed once more and made when they are approved', async (scope) => {
    const { world, vendor, tenantId } = await heldWorld(scope);
    // One of them is back meanwhile: nobody deletes it.
    const rows = await world.database.query<{ record_id: string }>(
      `select record_id from pending where detail->>'held' = 'true' order by record_id`,
    );
    const back = rows[0]?.record_id ?? '';
    vendor.put(tenantId, 'client', back, { name: 'Back' });
    const requestId = await world.request(tenantId, 'release-deletions', { resource: 'client' });
    expect((await world.reply(requestId)).progress).toEqual({ asked: 4, waiting: 4 });
    await world.counted(tenantId, { deleted: 23 });
    await until('nothing is held', () => world.status(tenantId)?.heldDeletions === null);
    expect(world.last(tenantId, back)?.value).not.toBeNull();
  });

  it('are forgotten when they are rejected: the records stay', async (scope) => {
    const { world, tenantId } = await heldWorld(scope);
    await world.reply(await world.request(tenantId, 'drop-deletions', { resource: 'client' }));
    await until('nothing is held', () => world.status(tenantId)?.phase === 'live');
    expect(await world.database.query('select 1 from pending')).toEqual([]);
    expect(world.status(tenantId)?.counters.deleted).toBe(20);
  });
});

describe('a pause', () => {
  it('loses nothing: notices taken in it are fetched afterwards', async (scope) => {
    const { world, vendor, tenant, tenantId } = await liveWorld(scope);
    await world.tenant({ ...tenant, version: tenant.version + 1, state: 'suspended', reason: 'operator' });
    await until('it is paused', () => world.status(tenantId)?.phase === 'paused');
    const calls = vendor.calls.length;
    vendor.put(tenantId, 'client', 1, { name: 'In the pause' });
    await world.notice(tenantId, 1);
    await world.counted(tenantId, { notices: 1 });
    expect(vendor.calls.length).toBe(calls);
    await world.tenant({ ...tenant, version: tenant.version + 2 });
    const event = await until('the change', () => world.eventsOf(tenantId, 1)[1]);
    expect(event.value?.['lineage']).toMatchObject({ cause: 'notice' });
  });
});

describe('what an operator orders for a whole tenant', () => {
  it('has what it permits found out anew', async (scope) => {
    const { world, vendor, tenantId } = await liveWorld(scope);
    const before = vendor.count('prepare');
    const done = await world.reply(await world.request(tenantId, 'check-permissions'));
    expect(done).toMatchObject({ status: 'done', progress: { asked: 1, waiting: 0 } });
    expect(vendor.count('prepare')).toBe(before + 1);
  });

  it('is refused where there is nothing to do', async (scope) => {
    const { world, tenantId } = await liveWorld(scope, { passes: [BACKFILL] });
    const refused = await world.reply(await world.request(tenantId, 'compare', { resource: 'client' }), 'refused');
    expect(refused.code).toBe('not-comparable');
    const off = await world.reply(await world.request(tenantId, 'compare', { resource: 'invoice' }), 'refused');
    expect(off.code).toBe('not-enabled');
  });

  it('has all resources compared that can be, and is done after the last of them', async (scope) => {
    const resources = ['client', 'invoice'];
    const { world, vendor, tenantId } = await liveWorld(scope, { passes: [BACKFILL, SLOW_SWEEP], resources });
    vendor.put(tenantId, 'invoice', 1, { sum: 1 }, Date.now() - HOUR);
    await world.live(tenantId, 'invoice');
    const done = await world.reply(await world.request(tenantId, 'compare'));
    expect(done.progress).toEqual({ asked: 2, waiting: 0 });
    const reports = () => resources.map((name) => world.completeness.get(`${tenantId}/${name}`)?.resource);
    await until('both reports', () => reports().every((name) => name !== undefined));
  });
});
