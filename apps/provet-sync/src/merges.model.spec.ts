import type { CompletenessValue } from '@relay/contracts';
import { recordEventValue, recordTopic } from '@relay/contracts';
import { describe, expect, it } from 'vitest';
import { ProvetModel } from './test-support/provet-model.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
type Merged = 'client' | 'patient';

/** A clinic with clients and patients, read for the first time. */
async function live(prepare: (model: ProvetModel) => void = () => undefined) {
  const model = new ProvetModel({ seed: 'merges', resources: ['client', 'patient'] });
  const worker = model.start();
  worker.assign(0);
  worker.readBack();
  const { tenantId } = model.clinic(9, 30);
  prepare(model);
  const status = (resource: string) =>
    JSON.parse(model.log.tail('sync-status.v1').get(`${tenantId}/${resource}`)?.value ?? '{}') as {
      phase?: string;
      counters: { deleted: number; missed: number };
    };
  await model.clock.until('the clinic is live', () =>
    (['client', 'patient'] as const).every((name) => status(name).phase === 'live'),
  );
  await model.run(10 * MINUTE);
  const message = (resource: Merged, id: number) =>
    model.log.tail(recordTopic('provet', resource)).get(`${tenantId}/${id}`);
  /** null: a tombstone; undefined: nothing. */
  const tail = (resource: Merged, id: number) => {
    const value = message(resource, id)?.value;
    return typeof value === 'string' ? recordEventValue.parse(JSON.parse(value)).record : value;
  };
  const versions = (resource: Merged, id: number) =>
    model.log.messages(recordTopic('provet', resource)).filter(({ key }) => key === `${tenantId}/${id}`).length;
  return { model, worker, tenantId, tail, message, versions, counters: (name: Merged) => status(name).counters };
}

const MERGE = { survivor: 4, alias: 5 };
const SILENT = { notify: 'drop' } as const;

describe('a patient that is merged into another', () => {
  describe.each([true, false])('and can still be read: %s', (aliasStays) => {
    const merge = { ...MERGE, aliasStays };

    it('is deleted and its survivor updated, by the webhooks of both', async () => {
      const { model, tail, counters } = await live();
      model.twin.merge(9, 'patient', merge);
      await model.run(MINUTE);
      expect(tail('patient', 5)).toBeNull();
      expect(tail('patient', 4)).toMatchObject({ merged_patient: [expect.stringContaining('/patient/5/')] });
      expect(counters('patient')).toMatchObject({ deleted: 1, missed: 0 });
    });

    it('is deleted by the webhook of the survivor alone', async () => {
      const { model, tenantId, tail } = await live();
      model.twin.merge(9, 'patient', merge, SILENT);
      model.notice({ tenantId, trigger: 2, resource: 'patient', recordId: '4' });
      await model.run(MINUTE);
      expect(tail('patient', 5)).toBeNull();
      expect(tail('patient', 4)).toMatchObject({ merged_patient: [expect.stringContaining('/patient/5/')] });
    });

    it('is deleted by its own webhook alone; the survivor is found by the next check', async () => {
      const { model, tenantId, tail, message } = await live();
      model.twin.merge(9, 'patient', merge, SILENT);
      model.notice({ tenantId, trigger: 2, resource: 'patient', recordId: '5' });
      await model.run(MINUTE);
      expect(tail('patient', 5)).toBeNull();
      expect(message('patient', 5)?.headers['ce_cause']).toBe('notice');
      await model.run(20 * MINUTE);
      expect(tail('patient', 4)).toMatchObject({ merged_patient: [expect.stringContaining('/patient/5/')] });
    });

    it('is deleted without any webhook, by the next check', async () => {
      const { model, tail } = await live();
      model.twin.merge(9, 'patient', merge, SILENT);
      await model.run(20 * MINUTE);
      expect(tail('patient', 4)).toMatchObject({ merged_patient: [expect.stringContaining('/patient/5/')] });
      expect(tail('patient', 5)).toBeNull();
    });
  });

  it('stays deleted while it can still be read, and is no difference', async () => {
    const { model, tenantId, tail, versions } = await live();
    model.twin.merge(9, 'patient', { ...MERGE, aliasStays: true });
    await model.run(MINUTE);
    const before = versions('patient', 5);
    model.notice({ tenantId, trigger: 2, resource: 'patient', recordId: '5' });
    await model.run(27 * HOUR);
    expect(tail('patient', 5)).toBeNull();
    expect(versions('patient', 5)).toBe(before);
    const report = model.log.tail('completeness.v1').get(`${tenantId}/patient`)?.value ?? 'null';
    const { atVendor, here, missingHere } = JSON.parse(report) as CompletenessValue;
    expect([atVendor, missingHere.count]).toEqual([here, 0]);
  });

  it('that was merged before the relay came is never published as a record, and asked for once', async () => {
    const { model, tail, versions } = await live((model) => {
      model.twin.merge(9, 'patient', { ...MERGE, aliasStays: true }, SILENT);
    });
    // Its list form does not say that it is one.
    expect(tail('patient', 5)).toBeNull();
    await model.run(80 * HOUR);
    expect(versions('patient', 5)).toBe(1);
    expect(model.twin.requests.count(/^GET \/9\/api\/0\.1\/patient\/5\/$/)).toBe(1);
    expect(tail('patient', 4)).toMatchObject({ id: 4 });
  });

  it('is said to be merged to an operator who asks for it', async () => {
    const { model, worker, tenantId, tail } = await live();
    model.twin.merge(9, 'patient', { ...MERGE, aliasStays: true }, SILENT);
    const none = { from: null, to: null, reason: null, deadline: null, requestedBy: 'operator:test' };
    const at = new Date(model.clock.now()).toISOString();
    const value = { requestId: 'q', tenantId, kind: 'verify', resource: 'patient', recordIds: ['5'], at, ...none };
    const epoch = worker.engine.book.epochOf(0);
    const batch = { topic: 'sync-request.v1', partition: 0, epoch, messages: [{ value }] };
    const taken = worker.engine.onRequests(batch as unknown as Parameters<typeof worker.engine.onRequests>[0]);
    await model.run(5_000);
    await taken;
    const replies = model.log.messages('sync-reply.v1').map((reply) => JSON.parse(reply.value ?? '{}') as object);
    expect(replies.at(-1)).toMatchObject({
      status: 'done',
      outcome: 'not-at-vendor',
      detail: 'the vendor says that it has become part of another record',
      record: { state: 'deleted' },
    });
    expect(tail('patient', 5)).toBeNull();
  });

  it('and whose own change nobody has announced, is missed like any other', async () => {
    const { model, message, counters } = await live();
    model.twin.put(9, 'patient', 5, { name: 'Ada' }, SILENT);
    const url = model.twin.record(9, 'patient', 5)?.['url'] as string;
    // Listed as merged, and yet a patient of its own.
    model.twin.put(9, 'patient', 4, { merged_patient: [url] });
    await model.run(3 * MINUTE);
    expect(message('patient', 5)?.headers['ce_cause']).toBe('reconcile');
    expect(counters('patient')).toMatchObject({ missed: 1 });
  });

  it('comes back as a new record when the merge is undone', async () => {
    const { model, tail, message } = await live();
    model.twin.merge(9, 'patient', { ...MERGE, aliasStays: true });
    await model.run(MINUTE);
    model.twin.put(9, 'patient', 5, { merge_patient: null });
    await model.run(MINUTE);
    expect(tail('patient', 5)).toMatchObject({ id: 5 });
    expect(message('patient', 5)?.headers['ce_type']).toBe('practice-relay.provet.patient.created');
  });
});

describe('a client that is merged into another', () => {
  it('is deleted and its survivor updated, its patients with them', async () => {
    const { model, tail } = await live();
    model.twin.merge(9, 'client', MERGE);
    await model.run(MINUTE);
    expect(tail('client', 5)).toBeNull();
    expect(tail('client', 4)).toMatchObject({ id: 4 });
  });

  it('is deleted by its own webhook alone, also when that speaks of a change', async () => {
    const { model, tenantId, tail } = await live();
    model.twin.merge(9, 'client', MERGE, SILENT);
    model.notice({ tenantId, trigger: 1, resource: 'client', recordId: '5' });
    await model.run(5 * MINUTE);
    expect(tail('client', 5)).toBeNull();
  });

  it('is deleted by the next sweep where only the survivor’s webhook came, or none: no member tells of it', async () => {
    const { model, tenantId, tail } = await live();
    model.twin.merge(9, 'client', MERGE, SILENT);
    model.notice({ tenantId, trigger: 1, resource: 'client', recordId: '4' });
    await model.run(HOUR);
    expect(tail('client', 5)).not.toBeNull();
    await model.run(27 * HOUR);
    expect(tail('client', 5)).toBeNull();
  });
});
