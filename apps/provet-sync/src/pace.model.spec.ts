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
  const status = (id: number, resource = 'client'): SyncStatusValue | null => {
    const key = `${tenants.get(id)?.tenantId}/${resource}`;
    const value = model.log.tail('sync-status.v1').get(key)?.value ?? null;
    return value === null ? null : syncStatusValue.parse(JSON.parse(value));
  };
  const live = (...ids: number[]) =>
    model.clock.until('they are live', () => ids.every((id) => status(id)?.phase === 'live'));
  /** How often changes of a clinic's resource were looked for. */
  const checks = (id: number, since: number, resource = 'client') =>
    model.twin.requests
      .list(new RegExp(`GET /${id}/api/0.1/${resource}/.*modified__gte`))
      .filter(({ at }) => at >= since).length;
  return { model, tenants, status, live, checks };
}

describe('how often changes are looked for', () => {
  it('rises where webhooks are lost and is the usual one again when they come', async () => {
    const { model, status, live, checks } = clinics({ 9: 40, 10: 40 }, { resources: ['client', 'patient'] });
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
  it('is kept in every second, is used, and gives the small ones their turns beside a huge one', async () => {
    const { model, tenants, live } = clinics({ 9: 3_000, 10: 5, 11: 5, 12: 5 }, { hostRequestsPerSecond: 10 });
    await live(10, 11, 12);
    const from = model.clock.now();
    model.notice({ tenantId: tenants.get(11)?.tenantId ?? '', trigger: 1, resource: 'client', recordId: '3' });
    await model.run(20_000);
    const sent = model.twin.requests.list();
    for (const { at } of sent) {
      expect(sent.filter((other) => other.at >= at && other.at < at + 1_000).length).toBeLessThanOrEqual(10);
    }
    const since = sent.filter(({ at }) => at >= from && at < from + 20_000);
    expect(since.length).toBeGreaterThanOrEqual(0.8 * 200);
    const asked = since.find(({ path }) => path.startsWith('/11/') && path.includes('/client/3/'));
    // A round of turns is four tenths of a second.
    expect((asked?.at ?? Infinity) - from).toBeLessThanOrEqual(1_500);
  });

  it('waits without a place among the calls in flight', async () => {
    const { model, live } = clinics({ 9: 3_000, 10: 5 }, { hostRequestsPerSecond: 4, config: { laneConcurrency: 1 } });
    await live(10);
    await model.run(10_000);
    const sent = model.twin.requests.list(/ \/9\//);
    expect(sent.length).toBeGreaterThanOrEqual(20);
    expect(model.twin.requests.list().every(({ status }) => status !== 429)).toBe(true);
  });
});

describe('the classes of work', { timeout: 30_000 }, () => {
  it('do not starve: a first reading goes on beside notices that take all that is allowed', async () => {
    const { model, tenants, status, live } = clinics({ 9: 60 }, { budgetShare: 0.9, resources: ['client', 'invoice'] });
    await live(9);
    const tenantId = tenants.get(9)?.tenantId ?? '';
    // Far more notices of invoices than may be read, from before their first reading is done.
    const done = () => status(9, 'invoice')?.phase === 'live';
    const limit = model.clock.now() + 30 * MINUTE;
    while (!done() && model.clock.now() < limit) {
      for (let id = 1; id <= 60; id += 1)
        model.notice({ tenantId, trigger: 9, resource: 'invoice', recordId: String(id) });
      await model.run(5_000);
    }
    expect(done()).toBe(true);
    expect(model.twin.requests.list().filter(({ status }) => status === 429)).toEqual([]);
  });
});
