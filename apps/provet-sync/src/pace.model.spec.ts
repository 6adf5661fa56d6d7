import { syncStatusValue, type SyncStatusValue } from '@relay/contracts';
import { describe, expect, it } from 'vitest';
import { ProvetModel, type ProvetModelOptions } from './test-support/provet-model.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** Clinics of one host, by their numbers with how many clients they have. */
function clinics(sizes: Readonly<Record<number, number>>, options: Partial<ProvetModelOptions> = {}) {
  const model = new ProvetModel({ seed: 'pace', ...options });
  const worker = model.start();
  worker.assign(0);
  worker.readBack();
  const tenants = new Map(
    Object.entries(sizes).map(([id, records]) => [Number(id), model.clinic(Number(id), records)]),
  );
  const statusText = (id: number, resource: string): string | null =>
    model.log.tail('sync-status.v1').get(`${tenants.get(id)?.tenantId}/${resource}`)?.value ?? null;
  const status = (id: number, resource = 'client'): SyncStatusValue | null => {
    const value = statusText(id, resource);
    return value === null ? null : syncStatusValue.parse(JSON.parse(value));
  };
  /** Looked at with every event of the model's clock. */
  const isLive = (id: number, resource = 'client'): boolean =>
    statusText(id, resource)?.includes('"phase":"live"') ?? false;
  const live = (...ids: number[]) => model.clock.until('they are live', () => ids.every((id) => isLive(id)));
  /** How often changes of a clinic's resource were looked for. */
  const checks = (id: number, since: number, resource = 'client') =>
    model.twin.requests
      .list(new RegExp(`GET /${id}/api/0.1/${resource}/.*modified__gte`))
      .filter(({ at }) => at >= since).length;
  /** Checks that were begun, by why they came when they did. */
  const begun = async (): Promise<Record<string, number>> => {
    const shown = await worker.metrics.registry.getSingleMetric('relay_sync_checks_total')?.get();
    return Object.fromEntries((shown?.values ?? []).map(({ labels, value }) => [String(labels['reason']), value]));
  };
  return { model, tenants, status, isLive, live, checks, begun };
}

describe('how often changes are looked for', { timeout: 30_000 }, () => {
  it('rises where webhooks are lost and is the usual one again when they come', async () => {
    const { model, status, live, checks, begun } = clinics({ 9: 40, 10: 40 }, { resources: ['client', 'patient'] });
    await live(9, 10);
    await model.run(HOUR);
    expect(status(9)).toMatchObject({ pace: { everySeconds: 900, reason: 'usual' } });

    // Three hours in which one clinic's webhooks about clients are lost.
    const began = model.clock.now();
    for (let change = 0; change < 18; change += 1) {
      for (const id of [9, 10])
        model.twin.put(id, 'client', 7, { firstname: `A${change}` }, id === 9 ? { notify: 'drop' } : {});
      await model.run(10 * MINUTE);
    }
    const honest = checks(10, began);
    expect(honest).toBeLessThanOrEqual(14);
    expect(checks(9, began)).toBeGreaterThanOrEqual(2.5 * honest);
    // Its other resource is looked at more often too, the other clinic is not.
    expect(checks(9, began, 'patient')).toBeGreaterThanOrEqual(1.5 * honest);
    expect(checks(10, began, 'patient')).toBeLessThanOrEqual(14);
    const reasons = await begun();
    expect(Object.keys(reasons).sort()).toEqual(['missed-elsewhere', 'notices-missed', 'usual']);
    expect(reasons['notices-missed']).toBeGreaterThanOrEqual(20);
    expect(Object.values(reasons).reduce((sum, count) => sum + count, 0)).toBe(
      [9, 10].flatMap((id) => [checks(id, 0), checks(id, 0, 'patient')]).reduce((sum, count) => sum + count, 0),
    );
    expect(status(9)).toMatchObject({ pace: { everySeconds: 225, reason: 'notices-missed' } });
    expect(status(9, 'patient')).toMatchObject({ pace: { everySeconds: 450, reason: 'missed-elsewhere' } });
    const missed = status(9)?.counters.missed ?? 0;
    expect(missed).toBeGreaterThanOrEqual(17);
    expect(status(9)?.triggers).toEqual({ 1: { notices: 0, duplicates: 0, late: 0, missed } });

    await model.run(5 * HOUR);
    const quiet = model.clock.now();
    await model.run(3 * HOUR);
    expect(status(9)).toMatchObject({ pace: { everySeconds: 900, reason: 'usual' } });
    expect(checks(9, quiet)).toBeLessThanOrEqual(14);
  });
});

describe('a ceiling over all clinics of a host', { timeout: 30_000 }, () => {
  it('is kept in every second, is used, and gives the small ones their turns beside a greedy one', async () => {
    const { model, tenants, live } = clinics({ 9: 250, 10: 5, 11: 5, 12: 5 }, { hostRequestsPerSecond: 10 });
    await live(9, 10, 11, 12);
    const from = model.clock.now();
    const notice = (clinic: number, recordId: number) =>
      model.notice({
        tenantId: tenants.get(clinic)?.tenantId ?? '',
        trigger: 1,
        resource: 'client',
        recordId: `${recordId}`,
      });
    for (let id = 1; id <= 250; id += 1) notice(9, id);
    await model.run(5_000);
    const noticed = model.clock.now();
    notice(11, 3);
    await model.run(15_000);
    const sent = model.twin.requests.list();
    for (const { at } of sent) {
      expect(sent.filter((other) => other.at >= at && other.at < at + 1_000).length).toBeLessThanOrEqual(10);
    }
    expect(sent.filter(({ at }) => at >= from && at < from + 20_000).length).toBeGreaterThanOrEqual(0.8 * 200);
    const asked = sent.find(({ at, path }) => at >= noticed && path.startsWith('/11/') && path.includes('/client/3/'));
    // Two tenants want turns: it waits for one of the other's, however many that one has in store.
    expect((asked?.at ?? Infinity) - noticed).toBeLessThanOrEqual(1_000);
  });
});

describe('the classes of work', { timeout: 30_000 }, () => {
  it('do not starve: a first reading goes on beside notices that take all that is allowed', async () => {
    const { model, tenants, isLive, live } = clinics({ 9: 10 }, { budgetShare: 0.9, resources: ['client', 'invoice'] });
    await live(9);
    const tenantId = tenants.get(9)?.tenantId ?? '';
    // Far more notices of invoices than may be read, from before their first reading is done.
    const done = () => isLive(9, 'invoice');
    const limit = model.clock.now() + 15 * MINUTE;
    while (!done() && model.clock.now() < limit) {
      for (let id = 1; id <= 30; id += 1)
        model.notice({ tenantId, trigger: 9, resource: 'invoice', recordId: String(id) });
      await model.run(5_000);
    }
    expect(done()).toBe(true);
    expect(model.twin.requests.list().filter(({ status }) => status === 429)).toEqual([]);
  });
});
