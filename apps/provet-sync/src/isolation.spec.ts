import { describe, expect, it } from 'vitest';
import { ProvetModel } from './test-support/provet-model.js';

const IDS = Array.from({ length: 40 }, (_, index) => 101 + index);
/** 30 %: of ten clinics two are slow and one never answers. */
const isSick = (id: number): boolean => id % 10 < 3;
const RECORDS = 4;
/** A call that takes longer than this leaves the places of the quick: nobody holds one for longer. */
const TURN_MS = 2_000;

/** Sick practices have far more calls to make than there are places. */
async function practices() {
  const model = new ProvetModel({ seed: 'isolation', config: { laneConcurrency: 8 } });
  const worker = model.start();
  worker.assign(0);
  worker.readBack();
  const tenants = IDS.map((id) => ({ id, tenantId: model.clinic(id, RECORDS).tenantId }));
  const phases = () =>
    [...model.log.tail('sync-status.v1').values()].filter(({ value }) => value?.includes('"phase":"live"'));
  await model.clock.until('all are live', () => phases().length === IDS.length);
  model.twin.faults.add({ path: String.raw`^/\d+[01]/api/`, delayMs: 3_000 });
  model.twin.faults.add({ path: String.raw`^/\d+2/api/`, effect: { kind: 'hang' } });
  const notice = (tenantId: string, recordId: number) =>
    model.notice({ tenantId, trigger: 1, resource: 'client', recordId: String(recordId) });
  /** How long after an instant the vendor was first asked for each record of the healthy; it is asked again for old ones. */
  const waits = (since: number): number[] => {
    const first = new Map<string, number>();
    for (const { at, path } of model.twin.requests.list(/ \/\d+[3-9]\/api\/.*\/client\/\d+\//)) {
      if (at >= since && !first.has(path)) first.set(path, at - since);
    }
    return [...first.values()];
  };
  return { model, tenants, notice, waits };
}

describe('practices beside others that are slow or away', () => {
  it('wait for a place no longer than one turn, whatever the others have to do', async () => {
    const { model, tenants, notice, waits } = await practices();
    // Each of the sick shows once that it is.
    for (const { id, tenantId } of tenants) if (isSick(id)) notice(tenantId, 1);
    await model.run(40_000);

    const sickFirst = tenants.toSorted((a, b) => Number(isSick(b.id)) - Number(isSick(a.id)));
    const began = model.clock.now();
    for (const { tenantId } of sickFirst) for (let id = 1; id <= RECORDS; id += 1) notice(tenantId, id);
    await model.run(30_000);

    const healthy = tenants.filter(({ id }) => !isSick(id)).length;
    expect(waits(began)).toHaveLength(healthy * RECORDS);
    expect(Math.max(...waits(began))).toBeLessThanOrEqual(TURN_MS);
  });
});
