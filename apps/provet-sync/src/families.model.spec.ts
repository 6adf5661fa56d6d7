import { recordEventValue, recordTopic } from '@relay/contracts';
import type { ResourceName } from '@relay/vendor-twins';
import { describe, expect, it } from 'vitest';
import { ProvetModel, type ProvetModelOptions } from './test-support/provet-model.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const PARTS = 'consultation_items-medicine' satisfies ResourceName;
const FILTER = `${PARTS}.consultation__is`;
/** Of a part that is new: so long ago that no reading by the time of change finds it. */
const LONG_AGO = '2026-01-05T08:00:00Z';
const BY_WHOLE = /^GET \/9\/api\/0\.1\/consultation_items\/medicine\/\?consultation__is=/;

/** A clinic whose consultations have medicines, read for the first time. */
async function live(options: Partial<ProvetModelOptions> = {}) {
  const model = new ProvetModel({ seed: 'families', resources: ['consultation', PARTS], ...options });
  const worker = model.start();
  worker.assign(0);
  worker.readBack();
  const { tenantId } = model.clinic(9, 30);
  const phase = (resource: string) =>
    (JSON.parse(model.log.tail('sync-status.v1').get(`${tenantId}/${resource}`)?.value ?? '{}') as { phase?: string })
      .phase;
  await model.clock.until('the clinic is live', () => ['consultation', PARTS].every((name) => phase(name) === 'live'));
  await model.run(10 * MINUTE);
  const message = (id: number) => model.log.tail(recordTopic('provet', PARTS)).get(`${tenantId}/${id}`);
  /** A part as the log's last message of it has it; null: a tombstone; undefined: none. */
  const tail = (id: number) => {
    const value = message(id)?.value;
    return typeof value === 'string' ? recordEventValue.parse(JSON.parse(value)).record : value;
  };
  const consultation = (id: number) => `${model.twin.tenant(9).context.api}/consultation/${id}/`;
  /** A part that changes, or is there, without a notice and without its own time of change having moved. */
  const part = (id: number | null, whole: number, more: object = {}) => {
    const modified = id === null ? LONG_AGO : model.twin.record(9, PARTS, id)?.['modified'];
    const modifiedAt = Date.parse(typeof modified === 'string' ? modified : LONG_AGO);
    const told = { notify: 'drop', modifiedAt } as const;
    return Number(model.twin.put(9, PARTS, id, { consultation: consultation(whole), ...more }, told)['id']);
  };
  /** The whole changes, and says so. */
  const touch = (id: number, complaint = 'changed') => model.twin.put(9, 'consultation', id, { complaint });
  const asked = () => model.twin.requests.count(BY_WHOLE);
  return { model, worker, tenantId, tail, message, part, touch, asked };
}

describe('parts that nothing but a list by their whole names', () => {
  it('are read when their whole changes: one that has changed, one that is new, one that is gone', async () => {
    const { model, tail, part, touch, asked } = await live();
    part(7, 7, { name: 'Doubled dose' });
    const added = part(null, 7, { name: 'Added' });
    part(8, 7);
    touch(7);
    await model.run(5_000);
    expect(tail(7)).toMatchObject({ name: 'Doubled dose' });
    expect(tail(added)).toMatchObject({ name: 'Added' });
    expect(asked()).toBe(1);
    model.twin.remove(9, PARTS, 8, { notify: 'drop' });
    touch(7, 'once more');
    await model.run(30_000);
    expect(tail(8)).toBeNull();
    expect(tail(7)).toMatchObject({ name: 'Doubled dose' });
    expect(model.complaints).toEqual([]);
  });

  it('are polled for, and never missed', async () => {
    const { model, message, part, touch } = await live();
    part(7, 7, { name: 'Doubled dose' });
    touch(7);
    await model.run(5_000);
    expect(message(7)?.headers['ce_cause']).toBe('poll');
  });

  it('are read over several pages', async () => {
    const { model, tail, part, touch, asked } = await live();
    const ids = Array.from({ length: 120 }, (_, n) => part(null, 7, { name: `Line ${n}` }));
    touch(7);
    await model.run(10_000);
    expect(ids.map(tail).filter((line) => line === undefined)).toEqual([]);
    expect(asked()).toBe(3);
    model.twin.remove(9, PARTS, ids[0] ?? 0, { notify: 'drop' });
    model.twin.remove(9, PARTS, ids[80] ?? 0, { notify: 'drop' });
    touch(7, 'two are gone');
    await model.run(30_000);
    expect(ids.filter((id) => tail(id) === null)).toEqual([ids[0], ids[80]]);
  });

  it('are read on from where a killed process was, or from the beginning where the whole has changed meanwhile', async () => {
    const { model, worker, tail, part, touch, asked } = await live();
    const ids = Array.from({ length: 120 }, (_, n) => part(null, 7, { name: `Line ${n}` }));
    touch(7);
    await model.clock.until('the second page was asked for', () => asked() === 2, MINUTE, 1);
    worker.kill();
    await model.run(1_000);
    part(ids[3] ?? 0, 7, { name: 'Changed behind the reading' });
    touch(7, 'while nobody looks');
    const next = model.start();
    next.assign(0);
    next.readBack();
    await model.run(MINUTE);
    expect(tail(ids[3] ?? 0)).toMatchObject({ name: 'Changed behind the reading' });
    expect(tail(ids[119] ?? 0)).toMatchObject({ name: 'Line 119' });
  });

  it('are asked for one by one when their whole is gone', async () => {
    const { model, tail, part, touch, asked } = await live();
    part(8, 7);
    touch(7);
    await model.run(5_000);
    const lists = asked();
    model.twin.remove(9, PARTS, 7, { notify: 'drop' });
    part(8, 9, { name: 'Moved' });
    model.twin.remove(9, 'consultation', 7);
    await model.run(MINUTE);
    expect(tail(7)).toBeNull();
    expect(tail(8)).toMatchObject({ name: 'Moved' });
    expect(asked()).toBe(lists);
  });

  it('are left to the sweeps where the vendor ignores the filter, which is asked about again after a day', async () => {
    const { model, tail, part, touch, asked } = await live();
    const clinic = model.twin.tenant(9);
    clinic.switches.ignoredFilters.add(FILTER);
    part(7, 7, { name: 'Doubled dose' });
    touch(7);
    await model.run(5_000);
    touch(7, 'again');
    touch(8, 'another');
    await model.run(5_000);
    expect(asked()).toBe(1);
    expect(tail(7)).not.toMatchObject({ name: 'Doubled dose' });
    await model.run(26 * HOUR);
    // The sweep has read the part by now.
    expect(tail(7)).toMatchObject({ name: 'Doubled dose' });
    clinic.switches.ignoredFilters.delete(FILTER);
    part(7, 7, { name: 'Halved dose' });
    touch(7, 'a day later');
    await model.run(5_000);
    expect(tail(7)).toMatchObject({ name: 'Halved dose' });
  });

  it('wait for their permission, and for nothing else', async () => {
    const { model, tail, part, touch } = await live({ sweepSeconds: 30 * 86_400 });
    model.twin.tenant(9).forbid(PARTS);
    part(7, 7, { name: 'Doubled dose' });
    touch(7);
    await model.run(5_000);
    model.twin.tenant(9).forbid(PARTS, false);
    await model.run(20 * MINUTE);
    expect(tail(7)).toMatchObject({ name: 'Doubled dose' });
  });
});
