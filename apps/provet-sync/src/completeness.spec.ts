import { completenessValue, recordTopic, type CompletenessValue } from '@relay/contracts';
import { describe, expect, it } from 'vitest';
import { ProvetModel, type ProvetModelOptions } from './test-support/provet-model.js';

const CLIENTS = recordTopic('provet', 'client');

/** A clinic that is live, in a world where only sweeps look for what was not announced. */
async function live(options: Partial<ProvetModelOptions> = {}) {
  const model = new ProvetModel({ seed: 'completeness', reconcileSeconds: 86_400, ...options });
  const take = () => {
    const worker = model.start();
    worker.assign(0);
    worker.readBack();
    return worker;
  };
  const worker = take();
  const { tenantId } = model.clinic(9, 250);
  const status = () => model.log.tail('sync-status.v1').get(`${tenantId}/client`)?.value ?? '';
  await model.clock.until('the clinic is live', () => status().includes('"phase":"live"'));
  await model.run(300_000);
  const report = (): CompletenessValue | null => {
    const value = model.log.tail('completeness.v1').get(`${tenantId}/client`)?.value ?? null;
    return value === null ? null : completenessValue.parse(JSON.parse(value));
  };
  const checkAgain = async (engine = worker.engine): Promise<CompletenessValue> => {
    const before = report()?.checkedAt;
    // Its commit takes its time, which goes by with the clock alone.
    const asked = engine.compareNow(tenantId, 'client');
    await model.run(1_000);
    expect(await asked).toBe(true);
    await model.clock.until('there is a new report', () => (report()?.checkedAt ?? before) !== before);
    return report() as CompletenessValue;
  };
  return { model, worker, take, tenantId, report, checkAgain };
}

describe('completeness', { timeout: 60_000 }, () => {
  it('is shown by count and digest, on demand', async () => {
    const { checkAgain } = await live();
    const { atVendor, here, ...rest } = await checkAgain();
    expect(atVendor.count).toBe(250);
    expect(atVendor).toEqual(here);
    expect(rest).toMatchObject({ unsettled: 0, missingHere: { count: 0 }, missingThere: { count: 0 } });
    expect(rest.differing).toEqual({ count: 0, ids: [] });
  });

  it('comes at the pace of the sweep by itself', async () => {
    const { model, report } = await live({ sweepSeconds: 3_600 });
    expect(report()).toBeNull();
    await model.run(2 * 3_600_000);
    expect(report()?.atVendor.count).toBe(250);
  });

  it('names what was not announced, and is equal again once it was healed', async () => {
    const { model, tenantId, checkAgain } = await live();
    model.twin.put(9, 'client', 7, { firstname: 'Ada' }, { notify: 'drop' });
    model.twin.remove(9, 'client', 8, { notify: 'drop' });
    await model.run(120_000);
    const first = await checkAgain();
    expect(first).toMatchObject({ differing: { count: 1, ids: ['7'] }, missingThere: { count: 1, ids: ['8'] } });
    expect(first.atVendor.digest).not.toBe(first.here.digest);
    await model.run(300_000);
    expect(model.log.tail(CLIENTS).get(`${tenantId}/7`)?.value).toContain('Ada');
    const second = await checkAgain();
    expect(second.atVendor).toEqual(second.here);
    expect(second.atVendor.count).toBe(249);
  });

  it('calls no change a difference that comes while it reads', async () => {
    const world = await live({ httpLatencyMs: () => 5_000 });
    const { model, worker, tenantId, report } = world;
    const asked = worker.engine.compareNow(tenantId, 'client');
    await model.run(100);
    expect(await asked).toBe(true);
    for (const id of [3, 120, 249]) {
      model.twin.put(9, 'client', id, { firstname: `During ${id}` });
      await model.run(4_000);
    }
    await model.clock.until('it is reported', () => report() !== null);
    const found = report() as CompletenessValue;
    expect([found.missingHere, found.missingThere, found.differing].map(({ count }) => count)).toEqual([0, 0, 0]);
    expect(found.atVendor).toEqual(found.here);
    expect(found.unsettled).toBeGreaterThan(0);
  });

  it('calls no deletion a difference whose notice still waits', async () => {
    const { model, worker, tenantId, report } = await live();
    const effect = { kind: 'status', status: 400 } as const;
    model.twin.faults.add({ scope: '9', method: 'GET', path: '/client/\\d+/', rate: 1, effect });
    model.twin.remove(9, 'client', 8);
    model.twin.remove(9, 'client', 9, { notify: 'drop' });
    await model.run(3_000);
    const asked = worker.engine.compareNow(tenantId, 'client');
    await model.run(100);
    expect(await asked).toBe(true);
    await model.clock.until('it is reported', () => report() !== null);
    expect(report()).toMatchObject({ unsettled: 1, missingThere: { count: 1, ids: ['9'] } });
  });

  it('goes on with what it has found when its process is killed', async () => {
    const { model, worker, take, tenantId, report } = await live({ httpLatencyMs: () => 2_000 });
    model.twin.put(9, 'client', 7, { firstname: 'Ada' }, { notify: 'drop' });
    await model.run(120_000);
    const asked = worker.engine.compareNow(tenantId, 'client');
    await model.run(100);
    expect(await asked).toBe(true);
    await model.run(6_000);
    worker.kill();
    expect(report()).toBeNull();
    take();
    await model.clock.until('it is reported', () => report() !== null);
    expect(report()).toMatchObject({ differing: { ids: ['7'] } });
    expect((report()?.atVendor.count ?? 0) + (report()?.unsettled ?? 0)).toBe(250);
  });
});
