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
    const { model, worker, tail } = await live();
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

  it('has the newest state last when a process is stopped between its commit and its send', async () => {
    const { model, worker, tenantId, tail } = await live();
    model.twin.put(9, 'client', 7, { firstname: 'Ada' });
    model.onFaultPoint = (point, name) => {
      if (point === 'sync:after-commit' && name === worker.name) worker.stop();
    };
    await model.run(1_000);
    expect(worker.process.isRunning).toBe(false);
    const next = model.start();
    next.assign(0);
    next.readBack();
    model.twin.put(9, 'client', 7, { firstname: 'Bo' });
    await model.run(10_000);
    expect(tail(7)).toMatchObject({ firstname: 'Bo' });
    worker.resume();
    await model.run(1_000);
    // Its late message stands behind the newer one until the read-back has found it.
    const versions = model.log.messages(CLIENTS).filter(({ key }) => key === `${tenantId}/7`);
    expect(versions.length).toBeGreaterThan(2);
    await model.run(30_000);
    expect(tail(7)).toMatchObject({ firstname: 'Bo' });
  });

  it('fences a process that is stopped between its reading and its commit', async () => {
    const { model, worker, tail } = await live();
    model.twin.put(9, 'client', 7, { firstname: 'Ada' });
    model.onFaultPoint = async (point, name) => {
      if (point !== 'sync:before-commit' || name !== worker.name) return;
      worker.stop();
      // Ends when it goes on.
      await worker.process.pause(0);
    };
    await model.run(1_000);
    const epoch = model.database.epoch(0);
    const next = model.start();
    next.assign(0);
    next.readBack();
    model.twin.put(9, 'client', 7, { firstname: 'Bo' });
    await model.run(4_000);
    // The take waits for the open transaction, until the server ends it.
    expect(model.database.epoch(0)).toBe(epoch);
    await model.run(10_000);
    expect(model.database.epoch(0)).toBeGreaterThan(epoch);
    expect(tail(7)).toMatchObject({ firstname: 'Bo' });
    worker.resume();
    await model.run(30_000);
    expect(tail(7)).toMatchObject({ firstname: 'Bo' });
    expect(model.complaints.map(({ message }) => message)).toContain('the shard cannot commit any more');
  });

  it('lets an old owner write when its store does not ask for the epoch', async () => {
    const unfenced: ProvetModelOptions['storeOf'] = (store) => {
      const bare = Object.create(store) as typeof store;
      bare.fenced = async (shard, _epoch, work) => store.fenced(shard, await store.currentEpoch(shard), work);
      return bare;
    };
    const { model, worker } = await live({ storeOf: unfenced });
    model.onFaultPoint = async (point, name) => {
      if (point !== 'sync:after-fetch' || name !== worker.name || !worker.process.isRunning) return;
      worker.stop();
      await worker.process.pause(0);
    };
    model.twin.put(9, 'client', 7, { firstname: 'Ada' });
    await model.run(1_000);
    const next = model.start();
    next.assign(0);
    next.readBack();
    await model.run(1_000);
    worker.resume();
    await model.run(1_000);
    expect(model.complaints.map(({ message }) => message)).not.toContain('the shard cannot commit any more');
  });

  it('sends once more what may or may not have been committed, and sent', async () => {
    const { model, tail } = await live();
    let commits = 0;
    let sends = 0;
    model.database.fateOfCommit = () => (['answer lost', 'lost'] as const)[commits++] ?? 'committed';
    model.log.fateOfSend = ({ topic }) =>
      topic === CLIENTS ? ((['lost', 'answer lost'] as const)[sends++] ?? 'acknowledged') : 'acknowledged';
    model.twin.put(9, 'client', 7, { firstname: 'Ada' });
    await model.run(30_000);
    expect(tail(7)).toMatchObject({ firstname: 'Ada' });
    // The second message has landed, and the read-back has told so.
    expect([commits > 2, sends]).toEqual([true, 2]);
  });

  it('counts a notice once whose commit had no answer, in the tables and in what it says', async () => {
    const { model, counters, tenantId } = await live();
    for (const fate of ['answer lost', 'lost'] as const) {
      model.database.fateOfCommit = () => {
        model.database.fateOfCommit = () => 'committed';
        return fate;
      };
      // The first commit is the one that takes the notice in.
      model.notice({ tenantId, trigger: 1, resource: 'client', recordId: '7' });
      await model.run(150_000);
    }
    expect(counters()).toMatchObject({ notices: 2, duplicates: 2 });
    const row = model.database.rows.resource.rows.get(`${tenantId}\0client`);
    expect(row?.counters).toMatchObject({ notices: 2, duplicates: 2 });
    expect(row?.triggers).toEqual({ 1: { notices: 2, duplicates: 2, late: 0, missed: 0 } });
  });

  it('does not fetch again and again what a commit has served whose answer was lost', async () => {
    const { model, tail } = await live();
    let isToBeLost = false;
    model.onFaultPoint = (point) => {
      if (point !== 'sync:before-commit' || isToBeLost) return;
      isToBeLost = true;
      model.database.fateOfCommit = () => {
        model.database.fateOfCommit = () => 'committed';
        return 'answer lost';
      };
    };
    const before = model.twin.requests.last;
    model.twin.put(9, 'client', 7, { firstname: 'Ada' });
    await model.run(30_000);
    expect(tail(7)).toMatchObject({ firstname: 'Ada' });
    expect(isToBeLost).toBe(true);
    expect(model.twin.requests.count(/client\/7\//, before)).toBeLessThanOrEqual(2);
  });

  it('leaves a database that is away alone between its tries', async () => {
    const { model, tail } = await live();
    model.twin.put(9, 'client', 7, { firstname: 'Ada' });
    model.database.isAway = true;
    const before = model.database.asked;
    await model.run(10 * MINUTE);
    expect(model.database.asked - before).toBeLessThan(10_000);
    model.database.isAway = false;
    await model.run(30_000);
    expect(tail(7)).toMatchObject({ firstname: 'Ada' });
  });

  it('is ahead of the log again after the database was restored', async () => {
    const { model, worker, tenantId, tail } = await live();
    const backup = model.database.backup();
    model.twin.put(9, 'client', 7, { firstname: 'Ada' });
    model.twin.remove(9, 'client', 8);
    await model.run(120_000);
    const before = model.log.tail(CLIENTS).get(`${tenantId}/7`);
    worker.kill();
    model.database.restore(backup);
    const next = model.start();
    next.assign(0);
    next.readBack();
    model.twin.put(9, 'client', 7, { firstname: 'Bo' });
    await model.run(HOUR);
    const versionOf = (message: typeof before) => Number(message?.headers['ce_recordversion']);
    expect(tail(7)).toMatchObject({ firstname: 'Bo' });
    expect(versionOf(model.log.tail(CLIENTS).get(`${tenantId}/7`))).toBeGreaterThan(versionOf(before));
  });
});
