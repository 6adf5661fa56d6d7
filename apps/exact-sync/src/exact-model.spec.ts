import { recordEventValue, recordTopic } from '@relay/contracts';
import type { ExactKind } from '@relay/vendor-twins';
import { describe, expect, it } from 'vitest';
import { ExactModel, type ExactModelOptions } from './test-support/exact-model.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** One shard, one practice, read for the first time. */
async function live(options: Partial<ExactModelOptions> = {}, records = 40) {
  const model = new ExactModel({ seed: 'exact-model', ...options });
  const worker = model.start();
  worker.assign(0);
  worker.readBack();
  const practice = model.practice({ id: 'UKTEST1', records });
  const { tenantId } = model.tenantOf('UKTEST1');
  const status = (resource: string) => {
    const value = model.log.tail('sync-status.v1').get(`${tenantId}/${resource}`)?.value;
    return JSON.parse(value ?? '{}') as { phase?: string; reason?: string };
  };
  const isLive = () => worker.engine.connector.resources.every(({ name }) => status(name).phase === 'live');
  await model.clock.until('the practice is live', isLive);
  /** What the log's last message of a record says; null: a tombstone; undefined: there is none. */
  const tail = (kind: string, id: string) => {
    const message = model.log.tail(recordTopic('exact', kind)).get(`${tenantId}/${id.toLowerCase()}`);
    if (message === undefined || message.value === null) return message?.value;
    return recordEventValue.parse(JSON.parse(message.value)).record as Record<string, unknown>;
  };
  const near = (): string => {
    const now = model.clock.now();
    const found = model.twin.records('UKTEST1', 'appointment').find((record) => {
      const start = Date.parse(record['startDate'] as string);
      return start > now + HOUR && start < now + 2 * 24 * HOUR;
    });
    return found?.['id'] as string;
  };
  const all = (kind: ExactKind) => model.twin.records('UKTEST1', kind);
  return { model, worker, practice, tenantId, status, tail, near, all };
}

describe('EXACT sync on a virtual clock', () => {
  it('reads everything of its windows and lists once', async () => {
    const { all, tail, model } = await live();
    for (const kind of ['patient', 'practitioner'] as const) {
      for (const record of all(kind)) expect(tail(kind, record['id'] as string)).toEqual(record);
    }
    expect(model.complaints).toEqual([]);
  });

  it('finds a change of a near appointment with the next poll', async () => {
    const { model, near, tail } = await live();
    const id = near();
    model.twin.put('UKTEST1', 'appointment', id, { status: 'Cancelled' });
    await model.run(2 * MINUTE);
    expect(tail('appointment', id)).toMatchObject({ status: 'Cancelled' });
  });

  it('goes on where another process was killed', async () => {
    const { model, worker, near, tail } = await live();
    const id = near();
    worker.kill();
    model.twin.put('UKTEST1', 'appointment', id, { status: 'Arrived' });
    const next = model.start();
    next.assign(0);
    next.readBack();
    await model.run(2 * MINUTE);
    expect(tail('appointment', id)).toMatchObject({ status: 'Arrived' });
  });
});
