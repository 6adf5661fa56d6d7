import type { HooksRemoval } from '@relay/contracts';
import { until } from '@relay/testing';
import { describe, expect, it } from 'vitest';
import { EngineWorld } from '../test-support/engine-world.js';
import { BACKFILL, RECONCILE, ScriptedVendor } from '../test-support/scripted-vendor.js';

const unavailable = { kind: 'unavailable', detail: 'http-503', retryAfterMs: null, tookMs: 0 } as const;

async function liveWorld(scope: Parameters<typeof EngineWorld.create>[0], vendor: ScriptedVendor, departureMs: number) {
  const world = await EngineWorld.create(scope, vendor);
  const { tenantId } = await world.tenant();
  vendor.put(tenantId, 'client', 1, { name: 'One' }, Date.now() - 60_000);
  const running = await world.start({ rules: { departureMs } });
  await world.live(tenantId);
  const withdraw = () => world.tenant({ state: 'withdrawn', version: 2, changedAt: new Date().toISOString() });
  const outcome = () =>
    until('the outcome', () => world.farewells.get(`${tenantId}/hooks`) as HooksRemoval | undefined, {
      timeoutMs: 20_000,
    });
  return { world, tenantId, running, withdraw, outcome };
}

describe('a tenant that is withdrawn', () => {
  it('is called no more, but to remove what was made there, until that is done', async (scope) => {
    const vendor = new ScriptedVendor({ passes: [BACKFILL, RECONCILE] });
    const { world, tenantId, withdraw, outcome } = await liveWorld(scope, vendor, 30_000);
    let failures = 2;
    vendor.fail = (kind) => (kind === 'depart' && failures-- > 0 ? unavailable : null);
    await withdraw();
    expect(await outcome()).toMatchObject({ kind: 'hooks', tenantId, outcome: 'removed', removed: 3, reason: null });
    const first = vendor.calls.findIndex((call) => call.kind === 'depart');
    expect(vendor.calls.slice(first).map((call) => call.kind)).toEqual(['depart', 'depart', 'depart']);

    // It is done once, whoever owns the shard next.
    const epochs = () => world.database.query<{ epoch: string }>('select epoch from shard order by shard');
    const before = JSON.stringify(await epochs());
    await world.start();
    await world.notice(tenantId, 1);
    await until('two engines share the work', async () => JSON.stringify(await epochs()) !== before);
    expect(vendor.count('depart')).toBe(3);
  });

  it('is left as it is, with a reason, when that cannot be done in time', async (scope) => {
    const vendor = new ScriptedVendor();
    const { withdraw, outcome } = await liveWorld(scope, vendor, 1_500);
    vendor.fail = (kind) => (kind === 'depart' ? unavailable : null);
    const before = Date.now();
    await withdraw();
    expect(await outcome()).toMatchObject({ outcome: 'left', removed: 0, reason: 'unavailable' });
    expect(Date.now() - before).toBeLessThan(5_000);
  });

  it('is not asked a second time once its token is refused', async (scope) => {
    const vendor = new ScriptedVendor();
    const { withdraw, outcome } = await liveWorld(scope, vendor, 30_000);
    vendor.fail = (kind) => (kind === 'depart' ? { kind: 'unauthorized', tokenVersion: 1, tookMs: 0 } : null);
    await withdraw();
    expect(await outcome()).toMatchObject({ outcome: 'left', reason: 'unauthorized' });
    expect(vendor.count('depart')).toBe(1);
  });

  it('keeps what it needs when it comes back in the meantime', async (scope) => {
    const vendor = new ScriptedVendor();
    const { world, tenantId, withdraw } = await liveWorld(scope, vendor, 30_000);
    vendor.fail = (kind) => (kind === 'depart' ? unavailable : null);
    await withdraw();
    await until('it was tried', () => vendor.count('depart') > 0);
    await world.tenant({ version: 3, changedAt: new Date().toISOString() });
    await until('it is prepared again', () => vendor.count('prepare') > 1);
    vendor.fail = () => null;
    const tried = vendor.count('depart');
    vendor.put(tenantId, 'client', 1, { name: 'Back' });
    await world.notice(tenantId, 1);
    await until('it is served', () => world.eventsOf(tenantId, 1)[1]);
    expect(vendor.count('depart')).toBe(tried);
    expect(world.farewells.size).toBe(0);
  });
});
