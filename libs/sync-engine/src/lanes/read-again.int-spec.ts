import { until } from '@relay/testing';
import { describe, expect, it } from 'vitest';
import { EngineWorld } from '../test-support/engine-world.js';
import { BACKFILL, RECONCILE, ScriptedVendor } from '../test-support/scripted-vendor.js';

const HOUR = 3_600_000;
const RECORDS = 12;
/** As EXACT adds members for a scope: the list shows the same as before. */
const extended = (id: number) => ({ name: `N${id}`, detail_only: `phone ${id}` });

async function setUp(scope: Parameters<typeof EngineWorld.create>[0]) {
  const vendor = new ScriptedVendor({ pageSize: 5, passes: [BACKFILL, RECONCILE] });
  const world = await EngineWorld.create(scope, vendor);
  const { tenantId } = await world.tenant();
  const put = (record: (id: number) => Record<string, unknown>) => {
    for (let id = 1; id <= RECORDS; id += 1) vendor.put(tenantId, 'client', id, record(id), modifiedAt);
  };
  // The vendor does not call them modified when an answer shows more.
  const modifiedAt = Date.now() - HOUR;
  put((id) => ({ name: `N${id}` }));
  const seen = () => {
    const last = Array.from({ length: RECORDS }, (_, at) => world.last(tenantId, at + 1)?.value);
    return last.filter((value) => (value?.['record'] as Record<string, unknown> | undefined)?.['detail_only']).length;
  };
  return { vendor, world, tenantId, put, seen };
}

describe('what answers depend on', () => {
  it('has everything read again when it changes, and nothing when it does not', async (scope) => {
    const { vendor, world, tenantId, put, seen } = await setUp(scope);
    vendor.basis = 'a';
    await world.start();
    await world.live(tenantId);
    await until('all are out', () => new Set(world.events.map(({ key }) => key)).size === RECORDS);
    put(extended);
    vendor.changeBasis('a');
    vendor.changeBasis('a b');
    await until('all are out again, with more in them', () => seen() === RECORDS);
    await until('the wish is fulfilled', async () => {
      const [row] = await world.database.query<{ facts: Record<string, unknown> }>('select facts from resource_state');
      return row?.facts['reread'] === null && row.facts['basis'] === 'a b';
    });
    expect(world.status(tenantId)?.phase).toBe('live');
    expect(world.last(tenantId, 1)?.headers['ce_type']).toMatch(/updated$/);
    expect(world.status(tenantId)?.counters.missed).toBe(0);
    const before = vendor.count('page', '10');
    vendor.changeBasis('a b');
    await world.counted(tenantId, { missed: 0 });
    expect(vendor.count('page', '10')).toBe(before);
  });

  it('goes on where it was when the process ends in the middle, and nobody has to say it again', async (scope) => {
    const { vendor, world, tenantId, put, seen } = await setUp(scope);
    vendor.basis = 'a';
    const first = await world.start();
    await world.live(tenantId);
    put(extended);
    // Records can be listed and not fetched: the wish is known, and half done.
    vendor.fail = (kind, _, id) =>
      kind === 'record' && Number(id) > 4
        ? { kind: 'unavailable', detail: 'gate', retryAfterMs: null, tookMs: 0 }
        : null;
    vendor.changeBasis('a b');
    await until('it has begun', () => seen() > 0);
    await world.stop(first);
    expect(seen()).toBeLessThan(RECORDS);
    vendor.fail = () => null;
    await world.start();
    await until('all are out with more in them', () => seen() === RECORDS, { timeoutMs: 30_000 });
  });

  it('is compared with what it was at the last reading, also when it changed while no process ran', async (scope) => {
    const { vendor, world, tenantId, put, seen } = await setUp(scope);
    vendor.basis = 'a';
    const first = await world.start();
    await world.live(tenantId);
    await world.stop(first);
    put(extended);
    vendor.basis = 'a b';
    await world.start();
    await until('all are out with more in them', () => seen() === RECORDS, { timeoutMs: 30_000 });
    expect(seen()).toBe(RECORDS);
  });
});

describe('a resource that lacks something', () => {
  it('is forbidden and says what; once it is there the resource goes on, without waiting for its next try', async (scope) => {
    const { vendor, world, tenantId } = await setUp(scope);
    vendor.basis = null;
    vendor.fail = (kind) =>
      vendor.basis === null && (kind === 'page' || kind === 'record')
        ? { kind: 'forbidden', reason: 'scope-missing: b', tookMs: 0 }
        : null;
    await world.start({ rules: { forbiddenProbeMs: HOUR } });
    const status = await until('it is forbidden', () => {
      const one = world.status(tenantId);
      return one?.phase === 'forbidden' ? one : null;
    });
    expect(status.reason).toBe('scope-missing: b');
    vendor.changeBasis('a b');
    const live = await world.live(tenantId);
    expect(live.reason).toBeNull();
  });
});

describe('a wish by name', () => {
  it('has a resource read again, and says when it is not ours', async (scope) => {
    const { world, tenantId, put, seen } = await setUp(scope);
    const { engine } = await world.start();
    await world.live(tenantId);
    put(extended);
    expect(await engine.readAgain(tenantId, 'client')).toBe(true);
    await until('all are out with more in them', () => seen() === RECORDS);
    expect(await engine.readAgain(tenantId, 'invoice')).toBe(false);
    expect(await engine.readAgain('provet:elsewhere:1', 'client')).toBe(false);
  });
});
