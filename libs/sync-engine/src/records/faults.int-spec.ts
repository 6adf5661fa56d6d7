import { until } from '@relay/testing';
import { describe, expect, it } from 'vitest';
import { EngineWorld } from '../test-support/engine-world.js';
import { ScriptedVendor } from '../test-support/scripted-vendor.js';

async function liveWorld(
  scope: Parameters<typeof EngineWorld.create>[0],
  vendor: ScriptedVendor,
  options: Parameters<EngineWorld['start']>[0] = {},
) {
  const world = await EngineWorld.create(scope, vendor);
  const { tenantId } = await world.tenant();
  for (let id = 1; id <= 3; id += 1) vendor.put(tenantId, 'client', id, { name: `N${id}` }, Date.now() - 3_600_000);
  await world.start(options);
  await world.live(tenantId);
  return { world, tenantId };
}

describe('faults of the vendor', () => {
  it('backs off from a tenant that is away, without losing what waits, and comes back by itself', async (scope) => {
    const vendor = new ScriptedVendor();
    const { world, tenantId } = await liveWorld(scope, vendor);
    vendor.fail = () => ({ kind: 'unavailable', detail: 'connect', retryAfterMs: null, tookMs: 1 });
    for (let id = 1; id <= 3; id += 1) {
      vendor.put(tenantId, 'client', id, { name: `Away${id}` });
      await world.notice(tenantId, id);
    }
    await until('it is offline', () => world.status(tenantId)?.phase === 'offline');
    expect(['open', 'half-open']).toContain(world.status(tenantId)?.breaker);
    const calls = vendor.calls.length;
    vendor.fail = () => null;
    for (let id = 1; id <= 3; id += 1) await until(`record ${id}`, () => world.eventsOf(tenantId, id)[1]);
    await world.live(tenantId);
    expect(world.status(tenantId)).toMatchObject({ breaker: 'closed', parked: 0 });
    expect(calls).toBeLessThan(60);
  });

  it('parks a record that cannot be read after five tries, and nothing else', async (scope) => {
    const vendor = new ScriptedVendor();
    const { world, tenantId } = await liveWorld(scope, vendor);
    vendor.fail = (kind, _resource, recordId) =>
      kind === 'record' && recordId === '2' ? { kind: 'record-fault', detail: 'undecodable', tookMs: 1 } : null;
    const before = vendor.count('record', '2');
    vendor.put(tenantId, 'client', 1, { name: 'Fine' });
    await world.notice(tenantId, 2);
    await world.notice(tenantId, 1);
    await until('the other record', () => world.eventsOf(tenantId, 1)[1]);
    await until('it is parked', () => world.status(tenantId)?.parked === 1);
    expect(vendor.count('record', '2')).toBe(before + 5);
    expect(world.status(tenantId)?.phase).toBe('live');
    // A notice is a reason to try at once.
    vendor.fail = () => null;
    vendor.put(tenantId, 'client', 2, { name: 'Readable' });
    await world.notice(tenantId, 2);
    await until('it is read', () => world.eventsOf(tenantId, 2)[1]);
    await until('nothing is parked', () => world.status(tenantId)?.parked === 0);
  });

  it('reads a parked record by itself once that can be read, asking ever more rarely', async (scope) => {
    const vendor = new ScriptedVendor();
    const { world, tenantId } = await liveWorld(scope, vendor, { rules: { parkedRetryMs: 400 } });
    vendor.fail = (kind) => (kind === 'record' ? { kind: 'record-fault', detail: 'undecodable', tookMs: 1 } : null);
    const before = vendor.count('record', '2');
    vendor.put(tenantId, 'client', 2, { name: 'Readable again' });
    await world.notice(tenantId, 2);
    const timesOf = () => vendor.calls.filter((call) => call.kind === 'record' && call.recordId === '2').slice(before);
    await until('two looks at a parked record', () => timesOf().length >= 7);
    vendor.fail = () => null;
    const event = await until('it is read', () => world.eventsOf(tenantId, 2)[1]);
    expect(event.value?.['record']).toMatchObject({ name: 'Readable again' });
    await until('nothing is parked', () => world.status(tenantId)?.parked === 0);
    const times = timesOf().map((call) => call.at);
    const gap = (n: number) => (times[n] as number) - (times[n - 1] as number);
    expect(gap(5)).toBeGreaterThanOrEqual(390);
    expect(gap(6)).toBeGreaterThanOrEqual(790);
  });

  it('reads a tenant that cannot be prepared, and prepares it once it can be', async (scope) => {
    const vendor = new ScriptedVendor();
    vendor.fail = (kind) =>
      kind === 'prepare' ? { kind: 'unavailable', detail: 'http-500', retryAfterMs: null, tookMs: 1 } : null;
    const { world, tenantId } = await liveWorld(scope, vendor);
    await until('it says so', () => world.status(tenantId)?.reason === 'not-prepared');
    expect(world.status(tenantId)).toMatchObject({ phase: 'live', breaker: 'closed' });
    vendor.fail = () => null;
    await until('it is prepared', () => world.status(tenantId)?.reason === null);
  });

  it('stops asking for a forbidden resource and finds out by itself that it is allowed again', async (scope) => {
    const vendor = new ScriptedVendor();
    const { world, tenantId } = await liveWorld(scope, vendor);
    vendor.fail = () => ({ kind: 'forbidden', tookMs: 1 });
    vendor.put(tenantId, 'client', 1, { name: 'Hidden' });
    await world.notice(tenantId, 1);
    await until('it says so', () => world.status(tenantId)?.phase === 'forbidden');
    expect(world.eventsOf(tenantId, 1)).toHaveLength(1);
    vendor.fail = () => null;
    await until('it is read', () => world.eventsOf(tenantId, 1)[1]);
    await world.live(tenantId);
  });

  it('waits for a token without counting an attempt', async (scope) => {
    const vendor = new ScriptedVendor();
    const { world, tenantId } = await liveWorld(scope, vendor);
    vendor.fail = () => ({ kind: 'unauthorized', tokenVersion: 1, tookMs: 1 });
    vendor.put(tenantId, 'client', 1, { name: 'Later' });
    await world.notice(tenantId, 1);
    await until('it says so', () => world.status(tenantId)?.reason === 'unauthorized');
    vendor.fail = () => null;
    await until('it is read', () => world.eventsOf(tenantId, 1)[1]);
    await world.live(tenantId);
    expect(world.status(tenantId)?.breaker).toBe('closed');
  });

  it('calls no tenant that is suspended, keeps its notices, and reads them on return', async (scope) => {
    const vendor = new ScriptedVendor();
    const { world, tenantId } = await liveWorld(scope, vendor);
    await world.tenant({ state: 'suspended', reason: 'operator', version: 2 });
    await until('it is paused', () => world.status(tenantId)?.phase === 'paused');
    expect(world.status(tenantId)?.reason).toBe('operator');
    const calls = vendor.calls.length;
    vendor.put(tenantId, 'client', 1, { name: 'Meanwhile' });
    await world.notice(tenantId, 1);
    await world.counted(tenantId, { notices: 1 });
    expect(vendor.calls.length).toBe(calls);
    await world.tenant({ state: 'active', version: 3 });
    await until('it is read', () => world.eventsOf(tenantId, 1)[1]);
  });

  it('believes an answer older than the mirror only when it has seen it twice', async (scope) => {
    const vendor = new ScriptedVendor();
    const { world, tenantId } = await liveWorld(scope, vendor);
    vendor.put(tenantId, 'client', 1, { name: 'Restored' }, Date.now() - 2 * 3_600_000);
    const before = vendor.count('record', '1');
    await world.notice(tenantId, 1);
    const event = await until('it is believed', () => world.eventsOf(tenantId, 1)[1]);
    expect(vendor.count('record', '1')).toBe(before + 2);
    expect(event.value?.['record']).toMatchObject({ name: 'Restored' });
  });
});
