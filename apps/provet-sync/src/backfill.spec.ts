import { recordTopic, syncStatusValue, type SyncStatusValue } from '@relay/contracts';
import { describe, expect, it } from 'vitest';
import { ProvetModel, type ProvetModelOptions } from './test-support/provet-model.js';

const CLIENTS = recordTopic('provet', 'client');

/** A clinic whose first reading has just begun, within the vendor's limits. */
function reading(records: number, options: Partial<ProvetModelOptions> = {}) {
  const { partitions = 3 } = options;
  const model = new ProvetModel({ seed: 'backfill', partitions, budgetShare: 0.9, ...options });
  const take = (name: string) => {
    const worker = model.start(name);
    for (let shard = 0; shard < partitions; shard += 1) worker.assign(shard);
    worker.readBack();
    return worker;
  };
  const worker = take('first');
  const { tenantId } = model.clinic(9, records);
  const status = (): SyncStatusValue | null => {
    const value = model.log.tail('sync-status.v1').get(`${tenantId}/client`)?.value ?? null;
    return value === null ? null : syncStatusValue.parse(JSON.parse(value));
  };
  const untilWhole = () => model.clock.until('its set is whole', () => (status()?.snapshot ?? null) !== null);
  return { model, worker, tenantId, status, take, untilWhole };
}

/** Ids that a consumer has met once it has read each partition up to an offset. */
function metBefore({ model, tenantId, status }: ReturnType<typeof reading>): Set<string> {
  const offsets = status()?.snapshot?.offsets ?? {};
  return new Set(
    model.log
      .messages(CLIENTS)
      .filter(({ partition, offset }) => offset < BigInt(offsets[String(partition)] ?? 0))
      .map(({ key }) => key.slice(tenantId.length + 1)),
  );
}

describe('a first reading', { timeout: 60_000 }, () => {
  it('says behind which offsets the record topic holds all of it, and says so once', async () => {
    const world = reading(300);
    await world.untilWhole();
    const { model, status } = world;
    expect(Object.keys(status()?.snapshot?.offsets ?? {}).sort()).toEqual(['0', '1', '2']);
    expect(metBefore(world)).toEqual(new Set(model.twin.ids(9, 'client').map(String)));
    const first = status()?.snapshot;
    model.twin.put(9, 'client', 7, { firstname: 'Ada' });
    await model.run(120_000);
    expect(status()?.snapshot).toEqual(first);
  });

  it('is not whole before the last of it was met in the log', async () => {
    const world = reading(150);
    let held = true;
    // One record's message does not get there: it is published late.
    world.model.log.fateOfSend = ({ topic, key }) =>
      held && topic === CLIENTS && key.endsWith('/77') ? 'lost' : 'acknowledged';
    await world.model.clock.until('it is live', () => world.status()?.phase === 'live');
    await world.model.run(120_000);
    expect(world.status()).toMatchObject({ phase: 'live', snapshot: null });
    held = false;
    await world.untilWhole();
    expect(metBefore(world).has('77')).toBe(true);
  });

  it('goes on inside the page at which its process was killed', async () => {
    const world = reading(1_500);
    const { model, worker } = world;
    await model.clock.until('it is under way', () => model.log.tail(CLIENTS).size >= 110);
    worker.kill();
    const fetched = new Set(model.log.tail(CLIENTS).keys());
    expect(fetched.size).toBeLessThan(1_500);
    const { last } = model.twin.requests;
    world.take('second');
    await world.untilWhole();
    expect(metBefore(world).size).toBe(1_500);
    // Pages are read from where the first had come to, and none of its records again.
    expect(model.twin.requests.count(/client\/\?ordering=id&page_size/, last)).toBe(0);
    const versions = model.log.messages(CLIENTS).filter(({ key }) => fetched.has(key));
    expect(new Set(versions.map(({ headers }) => headers['ce_id'])).size).toBe(fetched.size);
  });

  it('runs beside notices and never overwrites what they have brought', async () => {
    const world = reading(2_500);
    const { model, status, tenantId } = world;
    await model.clock.until('it is under way', () => (status()?.backfill?.done ?? 0) >= 100);
    const delays: number[] = [];
    for (let change = 0; change < 20; change += 1) {
      const id = 1 + change * 19;
      const at = model.clock.now();
      model.twin.put(9, 'client', id, { firstname: `Ada ${change}` });
      const isThere = () =>
        model.log.tail(CLIENTS).get(`${tenantId}/${id}`)?.value?.includes(`"Ada ${change}"`) ?? false;
      await model.clock.until('the change is published', isThere);
      delays.push(model.clock.now() - at);
    }
    expect(status()?.phase).toBe('backfill');
    expect(Math.max(...delays)).toBeLessThan(5_000);
    await world.untilWhole();
    for (let change = 0; change < 20; change += 1) {
      const tail = model.log.tail(CLIENTS).get(`${tenantId}/${1 + change * 19}`)?.value;
      expect(tail).toContain(`"Ada ${change}"`);
    }
  });

  it('foretells its end within a fifth of what is left', async () => {
    const world = reading(24_000);
    const { model, status } = world;
    const told: { at: number; end: number; done: number }[] = [];
    await model.clock.until('it is live', () => {
      const now = status();
      const { done = 0, estimatedEndAt = null } = now?.backfill ?? {};
      if (now !== null && estimatedEndAt !== null && told.at(-1)?.done !== done) {
        told.push({ at: Date.parse(now.updatedAt), end: Date.parse(estimatedEndAt), done });
      }
      return now?.phase === 'live';
    });
    const endedAt = model.clock.now();
    // The budget lets pages through in bursts: within its last minute nothing can be foretold that finely.
    const settled = told.filter(({ at, done }) => done >= 4_000 && endedAt - at >= 60_000);
    expect(settled.length).toBeGreaterThan(2);
    for (const { at, end } of settled) expect(Math.abs(end - endedAt) / (endedAt - at)).toBeLessThanOrEqual(0.2);
  });
});
