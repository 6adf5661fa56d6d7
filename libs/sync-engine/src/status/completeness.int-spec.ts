import type { CompletenessValue } from '@relay/contracts';
import { until } from '@relay/testing';
import { describe, expect, it } from 'vitest';
import { tallied } from '../core/completeness.js';
import { EngineWorld } from '../test-support/engine-world.js';
import { BACKFILL, ScriptedVendor, SWEEP } from '../test-support/scripted-vendor.js';

const HOUR = 3_600_000;
const RECORDS = 60;
/** No sweep comes by itself while a test runs. */
const SLOW_SWEEP = { ...SWEEP, everySeconds: 3_600 };

async function worldWith(scope: Parameters<typeof EngineWorld.create>[0]) {
  const vendor = new ScriptedVendor({ passes: [BACKFILL, SLOW_SWEEP], pageSize: 25 });
  const world = await EngineWorld.create(scope, vendor);
  const { tenantId } = await world.tenant();
  const since = Date.now() - HOUR;
  for (let id = 1; id <= RECORDS; id += 1) vendor.put(tenantId, 'client', id, { name: `N${id}` }, since + id);
  await world.start();
  await world.live(tenantId);
  return { world, vendor, tenantId, since };
}

describe('the end of a first reading', () => {
  it('names offsets: whoever has read past them has every record', async (scope) => {
    const { world, vendor, tenantId } = await worldWith(scope);
    const { snapshot } = await until('the mark', () => {
      const status = world.status(tenantId);
      return status?.snapshot ? { snapshot: status.snapshot } : null;
    });
    const offsets = new Map(Object.entries(snapshot.offsets).map(([at, offset]) => [Number(at), BigInt(offset)]));
    expect(offsets.size).toBeGreaterThan(1);
    // What a consumer holds that has stopped reading each partition exactly at its offset.
    const held = () =>
      new Set(
        world.events
          .filter(({ partition, offset }) => offset < (offsets.get(partition) ?? 0n))
          .map(({ key }) => key.slice(key.lastIndexOf('/') + 1)),
      );
    const all = new Set(Array.from({ length: RECORDS }, (_, n) => String(n + 1)));
    await until('a consumer has read that far', () => held().size === RECORDS);
    expect(held()).toEqual(all);
    // Each offset is the one behind the last record that the partition had by then, not any later one.
    for (const [partition, offset] of offsets) {
      expect(world.events.some((event) => event.partition === partition && event.offset === offset - 1n)).toBe(true);
    }

    vendor.put(tenantId, 'client', RECORDS + 1, { name: 'Later' });
    await world.notice(tenantId, RECORDS + 1);
    await until('a later record', () => world.last(tenantId, RECORDS + 1));
    await world.counted(tenantId, { notices: 1 });
    expect(world.status(tenantId)?.snapshot).toEqual(snapshot);
  });
});

describe('a comparison with the vendor', () => {
  it('counts, digests and names what was changed behind the back of the relay, before it heals it', async (scope) => {
    const { world, vendor, tenantId, since } = await worldWith(scope);
    /** The report of a comparison that is asked for now: one that is newer than the one before. */
    const compare = async (before = ''): Promise<CompletenessValue> => {
      await world.reply(await world.request(tenantId, 'compare', { resource: 'client' }));
      return until('the report', () => {
        const report = world.completeness.get(`${tenantId}/client`);
        return report !== undefined && report.checkedAt > before ? report : null;
      });
    };
    const digestOf = (times: readonly (readonly [id: number, at: number])[]) =>
      times.reduce((tally, [id, at]) => tallied(tally, String(id), at), { count: 0, digest: '0'.repeat(64) });
    const before = Array.from({ length: RECORDS }, (_, n) => [n + 1, since + n + 1] as const);

    const equal = await compare();
    const nothing = { count: 0, ids: [] };
    expect(equal).toMatchObject({ atVendor: digestOf(before), here: digestOf(before), unsettled: 0 });
    expect(equal).toMatchObject({ missingHere: nothing, missingThere: nothing, differing: nothing });

    const later = since + HOUR / 2;
    vendor.put(tenantId, 'client', 7, { name: 'Changed' }, later);
    vendor.put(tenantId, 'client', 900, { name: 'Added' }, later);
    vendor.remove(tenantId, 'client', 8);
    const found = await compare(equal.checkedAt);
    const there = [...before.filter(([id]) => id !== 7 && id !== 8), [7, later] as const, [900, later] as const];
    expect(found).toMatchObject({
      atVendor: digestOf(there),
      here: digestOf(before),
      differing: { count: 1, ids: ['7'] },
      missingHere: { count: 1, ids: ['900'] },
      missingThere: { count: 1, ids: ['8'] },
    });
    await until('all is healed', () => world.last(tenantId, 8)?.value === null && world.last(tenantId, 900));
    const healed = await compare(found.checkedAt);
    expect(healed.atVendor).toEqual(healed.here);
  });
});
