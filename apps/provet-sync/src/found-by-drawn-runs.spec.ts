import { recordEventValue, recordTopic } from '@relay/contracts';
import type { FaultPoint } from '@relay/sync-engine';
import { describe, expect, it } from 'vitest';
import { complaintOf } from './test-support/model/drawn-run.js';
import { ProvetModel, type ProvetModelOptions } from './test-support/provet-model.js';

const HOUR = 3_600_000;
const CLIENTS = recordTopic('provet', 'client');

/** A clinic that is live and has been quiet for an hour. */
async function quiet(options: Partial<ProvetModelOptions> = {}) {
  const model = new ProvetModel({ seed: 'found', ...options });
  const worker = model.start();
  worker.assign(0);
  worker.readBack();
  const { tenantId } = model.clinic(9, 12);
  await model.run(HOUR);
  const status = () => JSON.parse(model.log.tail('sync-status.v1').get(`${tenantId}/client`)?.value ?? '{}') as unknown;
  expect(status()).toMatchObject({ phase: 'live' });
  const tail = (id: number) => {
    const value = model.log.tail(CLIENTS).get(`${tenantId}/${id}`)?.value ?? null;
    return value === null ? null : recordEventValue.parse(JSON.parse(value));
  };
  return { model, worker, tenantId, status, tail };
}

/** The first time that a worker comes to a point, its next commit meets this fate. */
function commitAfter(model: ProvetModel, at: FaultPoint, fate: 'lost' | 'answer lost') {
  const fates = { met: 0 };
  model.onFaultPoint = (point) => {
    if (point !== at || fates.met > 0) return;
    fates.met += 1;
    model.database.fateOfCommit = () => {
      model.database.fateOfCommit = () => 'committed';
      return fate;
    };
  };
  return fates;
}

/** What drawn runs have found, each by itself. */
describe('a rare coincidence', () => {
  it('a page has raised a record by a commit whose answer was lost: it is read all the same', async () => {
    const { model, tail } = await quiet();
    model.twin.put(9, 'client', 7, { firstname: 'Ada' }, { notify: 'drop' });
    const fates = commitAfter(model, 'sync:page', 'answer lost');
    await model.run(HOUR / 2);
    expect(fates.met).toBe(1);
    expect(tail(7)?.record).toMatchObject({ firstname: 'Ada' });
  });

  it('a record is announced long before it can be read: it is no missed one', async () => {
    const { model, status, tail } = await quiet();
    const { id } = model.twin.put(9, 'client', null, { firstname: 'Ada' }, { visibleAfterMs: 100_000 });
    await model.run(HOUR / 2);
    expect(tail(Number(id))?.lineage.cause).toBe('notice');
    expect(status()).toMatchObject({ counters: { missed: 0, notices: 1 } });
  });

  it('a change is missed while nobody may look at the webhooks that were made for it: it counts', async () => {
    const { model, worker, tenantId, status, tail } = await quiet();
    const effect = { kind: 'status', status: 403 } as const;
    model.twin.faults.add({ scope: '9', method: 'GET', path: '/hook/webhook/', rate: 1, effect });
    worker.engine.prepareNow(tenantId);
    await model.run(60_000);
    model.twin.put(9, 'client', 7, { firstname: 'Ada' }, { notify: 'drop' });
    await model.run(HOUR / 2);
    expect(tail(7)?.lineage.cause).toBe('reconcile');
    expect(status()).toMatchObject({ webhooks: { state: 'forbidden' }, counters: { missed: 1, healed: 1 } });
  });

  it('the end of a check is committed only at the second try: the next check comes in its time', async () => {
    const { model } = await quiet();
    const checks = (): number => model.twin.requests.count(/^GET .*\/client\/\?modified__gte/);
    const fates = commitAfter(model, 'sync:after-page', 'lost');
    await model.run(HOUR / 2);
    expect(fates.met).toBe(1);
    const before = checks();
    await model.run(HOUR);
    expect(checks()).toBeGreaterThan(before);
  });

  it('a record is to be looked at once more by a commit whose answer was lost: it is', async () => {
    const { model, tail } = await quiet();
    const fates = commitAfter(model, 'sync:after-fetch', 'answer lost');
    model.twin.put(9, 'client', 7, { firstname: 'Ada' }, { visibleAfterMs: 40_000 });
    await model.run(90_000);
    expect(fates.met).toBe(1);
    expect(tail(7)).toMatchObject({ record: { firstname: 'Ada' }, lineage: { cause: 'notice' } });
  });

  it('a deletion is committed without an answer: its notice is no duplicate', async () => {
    const { model, tail, status } = await quiet();
    const fates = commitAfter(model, 'sync:after-fetch', 'answer lost');
    model.twin.remove(9, 'client', 7);
    await model.run(HOUR / 4);
    expect([fates.met, tail(7)]).toEqual([1, null]);
    expect(status()).toMatchObject({ counters: { notices: 1, duplicates: 0, deleted: 1 } });
  });

  it('a record is announced, and its clinic is closed when it is looked for the last time: it is no missed one', async () => {
    const { model, status, tail } = await quiet();
    const { switches } = model.twin.tenant(9);
    const { id } = model.twin.put(9, 'client', null, { firstname: 'Ada' }, { visibleAfterMs: 100_000 });
    // After the looks at 0, 5 and 65 seconds the last one comes at 185.
    await model.run(180_000);
    switches.closed = 'json';
    await model.run(10_000);
    switches.closed = 'no';
    await model.run(HOUR);
    expect(tail(Number(id))?.lineage.cause).toBe('notice');
    expect(status()).toMatchObject({ counters: { missed: 0, notices: 1 } });
  });

  it('a record is not found, and the list shows it: it is not deleted, and read once it can be', async () => {
    const { model, tail, status } = await quiet();
    const effect = { kind: 'status', status: 404, body: '{"detail":"Not found."}' } as const;
    const fault = model.twin.faults.add({ scope: '9', method: 'GET', path: '/client/7/', rate: 1, effect });
    model.twin.put(9, 'client', 7, { firstname: 'Ada' });
    model.twin.remove(9, 'client', 8);
    await model.run(HOUR / 4);
    expect([tail(7)?.record === null, tail(8)]).toEqual([false, null]);
    model.twin.faults.remove(fault);
    await model.run(HOUR);
    expect(tail(7)?.record).toMatchObject({ firstname: 'Ada' });
    expect(status()).toMatchObject({ parked: 0, counters: { deleted: 1 } });
  });

  it('a closed clinic is asked again while its limits are spent: it is not asked without end', async () => {
    let asked = 0;
    const { model } = await quiet({
      connectorOf: (connector) =>
        Object.assign(Object.create(connector) as typeof connector, {
          confirmList: (...call: Parameters<NonNullable<typeof connector.confirmList>>) => {
            asked += 1;
            // Ends what would have no end.
            if (asked > 100) return { kind: 'listed', tookMs: 0 };
            return asked < 2
              ? connector.confirmList?.(...call)
              : { kind: 'throttled', retryAfterMs: 30_000, tookMs: 0 };
          },
        }),
    });
    model.twin.tenant(9).switches.closed = 'json';
    model.twin.put(9, 'client', 7, { firstname: 'Ada' });
    await model.run(HOUR / 2);
    expect(asked).toBeGreaterThan(20);
    expect(asked).toBeLessThan(100);
  });

  it.each([
    [837],
    [2364],
    [2557],
    [3216],
    [3732, [5, 12, 14, 23, 25, 26]],
    [7386, [4, 11]],
    [9234, [5, 6, 7]],
    [9697, [23, 29, 45, 52]],
  ] as [number, number[]?][])('run %i, steps %j', async (seed, steps) => {
    expect(await complaintOf(seed, steps ?? null)).toBeNull();
  });
});
