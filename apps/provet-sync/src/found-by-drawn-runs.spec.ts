import { recordEventValue, recordTopic } from '@relay/contracts';
import { describe, expect, it } from 'vitest';
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

/** What drawn runs have found, each by itself. */
describe('a rare coincidence', () => {
  it('a page has raised a record by a commit whose answer was lost: it is read all the same', async () => {
    const { model, tail } = await quiet();
    model.twin.put(9, 'client', 7, { firstname: 'Ada' }, { notify: 'drop' });
    let lost = 0;
    model.onFaultPoint = (point) => {
      if (point !== 'sync:page' || lost > 0) return;
      lost += 1;
      model.database.fateOfCommit = () => {
        model.database.fateOfCommit = () => 'committed';
        return 'answer lost';
      };
    };
    await model.run(HOUR / 2);
    expect(lost).toBe(1);
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
});
