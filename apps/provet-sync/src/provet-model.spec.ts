import { recordEventValue, recordTopic } from '@relay/contracts';
import { describe, expect, it } from 'vitest';
import { ProvetModel, type ProvetModelOptions } from './test-support/provet-model.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const CLIENTS = recordTopic('provet', 'client');

/** One shard, one clinic, read for the first time. */
async function live(options: Partial<ProvetModelOptions> = {}, records = 120) {
  const model = new ProvetModel({ seed: 'model', ...options });
  const worker = model.start();
  worker.assign(0);
  worker.readBack();
  const { tenantId } = model.clinic(9, records);
  const status = () => model.log.tail('sync-status.v1').get(`${tenantId}/client`);
  const phase = () => (JSON.parse(status()?.value ?? '{}') as { phase?: string }).phase;
  await model.clock.until('the clinic is live', () => phase() === 'live');
  const counters = () =>
    (JSON.parse(status()?.value ?? '{}') as { counters: { missed: number; healed: number; notices: number } }).counters;
  /** The record as the log's last message of it has it; null: a tombstone. */
  const tail = (id: number) => {
    const value = model.log.tail(CLIENTS).get(`${tenantId}/${id}`)?.value ?? null;
    return value === null ? null : recordEventValue.parse(JSON.parse(value)).record;
  };
  return { model, worker, tenantId, counters, tail };
}

type Live = Awaited<ReturnType<typeof live>>;

function isEqualToTwin({ model, tail }: Live): void {
  const ids = model.twin.ids(9, 'client');
  for (const id of ids) expect(tail(id)).toMatchObject({ id });
  const alive = [...model.log.tail(CLIENTS).values()].filter(({ value }) => value !== null);
  expect(alive).toHaveLength(ids.length);
}

describe('Provet sync on a virtual clock', () => {
  it('reads everything once', async () => {
    const world = await live();
    isEqualToTwin(world);
    expect(world.model.complaints).toEqual([]);
    expect(world.counters()).toMatchObject({ missed: 0, notices: 0 });
  });

  it('follows a notice to the log', async () => {
    const { model, tail } = await live();
    model.twin.put(9, 'client', 7, { firstname: 'Ada' });
    await model.run(2_000);
    expect(tail(7)).toMatchObject({ firstname: 'Ada' });
  });

  it('heals a webhook that was lost, and counts it', async () => {
    const { model, tail, counters } = await live();
    await model.run(HOUR);
    model.twin.put(9, 'client', 7, { firstname: 'Ada' }, { notify: 'drop' });
    await model.run(1_100 * 1000);
    expect(tail(7)).toMatchObject({ firstname: 'Ada' });
    expect(counters()).toMatchObject({ missed: 1, healed: 1 });
  });

  it('is the same run each time', async () => {
    const run = async () => {
      const { model } = await live();
      for (let change = 0; change < 50; change += 1) {
        model.twin.live();
        await model.run(7_000);
      }
      return [model.log.digest(), model.clock.fired];
    };
    expect(await run()).toEqual(await run());
  });

  it('goes on with another process when one is killed', async () => {
    const world = await live();
    const { model, worker, tail } = world;
    model.twin.put(9, 'client', 7, { firstname: 'Ada' });
    await model.run(30);
    worker.kill();
    model.twin.put(9, 'client', 8, { firstname: 'Bo' });
    const next = model.start();
    next.assign(0);
    next.readBack();
    await model.run(10_000);
    expect(tail(7)).toMatchObject({ firstname: 'Ada' });
    expect(tail(8)).toMatchObject({ firstname: 'Bo' });
  });
});
