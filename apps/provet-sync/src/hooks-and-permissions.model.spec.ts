import type { SyncStatusValue, TenantValue } from '@relay/contracts';
import type { Connector } from '@relay/sync-engine';
import { describe, expect, it } from 'vitest';
import { ProvetModel, type ProvetModelOptions } from './test-support/provet-model.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const QUEUE = {
  members: { hook: 'webhook', outcome: 'status', at: 'created' },
  failed: ['refused', 'given-up'],
  everyMs: 5 * MINUTE,
};

/** A process with clinics, numbered from 9 on. */
function modelOf({ records = 30, ...options }: Partial<ProvetModelOptions> & { readonly records?: number } = {}) {
  const model = new ProvetModel({ seed: 'hooks', resources: ['client', 'patient'], ...options });
  const worker = model.start();
  worker.assign(0);
  worker.readBack();
  const status = (tenantId: string, resource = 'client'): SyncStatusValue | null => {
    const text = model.log.tail('sync-status.v1').get(`${tenantId}/${resource}`)?.value ?? null;
    return text === null ? null : (JSON.parse(text) as SyncStatusValue);
  };
  const join = (id: number, before: (twin: ReturnType<ProvetModel['twin']['tenant']>) => void = () => undefined) => {
    const { tenantId } = model.clinic(id, records);
    before(model.twin.tenant(id));
    return tenantId;
  };
  const live = (tenantId: string, resource = 'client') =>
    model.clock.until(`${tenantId} ${resource} is live`, () => status(tenantId, resource)?.phase === 'live');
  const hooks = (id = 9) => [...model.twin.tenant(id).hooks.values()];
  const asked = (pattern: RegExp) => model.twin.requests.count(pattern);
  return { model, worker, status, join, live, hooks, asked };
}

const LISTED = /^GET \/9\/api\/0\.1\/hook\/webhook\/\?/;

describe('webhooks of a practice, over days', () => {
  it('are looked at once a day, and put right: switched off, of a department, another target, gone, doubled', async () => {
    const { model, join, live, hooks, status } = modelOf();
    const tenantId = join(9);
    await live(tenantId);
    const clinic = model.twin.tenant(9);
    const before = hooks();
    const [client, deletion, patient] = before;
    if (!client || !deletion || !patient) throw new Error('three hooks');
    const foreign = { ...client, id: 50, name: client.name, target: 'https://other.example/hook', active: false };
    clinic.hooks.set(50, foreign);
    clinic.hooks.set(51, { ...client, id: 51 });
    clinic.hooks.set(client.id, { ...client, active: false, contentType: 2 });
    clinic.hooks.set(patient.id, { ...patient, department: 'http://x/department/1/', target: `${patient.target}x` });
    clinic.hooks.delete(deletion.id);
    await model.run(28 * HOUR);
    const mended = hooks().filter(({ id }) => id !== 50);
    expect(mended.map(({ trigger }) => trigger).toSorted((a, b) => a - b)).toEqual([1, 2, 39]);
    for (const hook of mended) expect(hook).toMatchObject({ active: true, department: null, contentType: 1 });
    const targets = new Set(before.map(({ target }) => target));
    for (const hook of mended) expect(targets).toContain(hook.target);
    expect(clinic.hooks.get(50)).toEqual(foreign);
    expect(status(tenantId)).toMatchObject({ reason: null, webhooks: { state: 'in-place', permission: null } });
  });

  it('are looked at soon when changes come without a notice', async () => {
    const { model, join, live, hooks, asked } = modelOf();
    await live(join(9));
    await model.run(HOUR);
    const looks = asked(LISTED);
    expect(looks).toBe(2);
    const clinic = model.twin.tenant(9);
    for (const hook of hooks()) clinic.hooks.set(hook.id, { ...hook, active: false });
    model.twin.put(9, 'client', 3, { firstname: 'Unannounced' });
    await model.run(30 * MINUTE);
    expect(hooks().every(({ active }) => active)).toBe(true);
    // An honest practice is left in peace again.
    const after = asked(LISTED);
    await model.run(6 * HOUR);
    expect(asked(LISTED)).toBe(after);
  });

  it('that only departments have are said so, and do not count as in place', async () => {
    const { model, join, status, hooks, live } = modelOf();
    const tenantId = join(9);
    await live(tenantId);
    const clinic = model.twin.tenant(9);
    for (const hook of hooks()) {
      clinic.hooks.set(hook.id, { ...hook, name: 'By hand', department: 'http://x/department/1/' });
    }
    model.twin.faults.add({
      scope: '9',
      method: 'POST',
      path: '/hook/webhook/$',
      effect: { kind: 'status', status: 403 },
    });
    await model.run(28 * HOUR);
    expect(status(tenantId)).toMatchObject({
      reason: 'webhooks-department-only',
      webhooks: { state: 'forbidden', departmentOnly: true, permission: 'Settings: Integration settings' },
    });
    // An API change of a client has no department: only the checks find it.
    model.twin.put(9, 'client', 4, { firstname: 'By-api' }, { by: 'api' });
    await model.run(10 * MINUTE);
    expect(model.log.tail('provet.client.v1').get(`${tenantId}/4`)?.value).toContain('By-api');
  });

  it('that may not be made are replaced by faster checks, and made once they may', async () => {
    const { model, join, live, status, hooks, asked } = modelOf();
    const tenantId = join(9, (clinic) => clinic.forbid('hooks'));
    await live(tenantId);
    expect(status(tenantId)).toMatchObject({
      reason: 'webhooks-forbidden',
      webhooks: { state: 'forbidden', permission: 'Settings: Integration settings', departmentOnly: false },
    });
    const checks = /^GET \/9\/api\/0\.1\/client\/\?.*modified__gte/;
    await model.run(HOUR);
    expect(asked(checks)).toBeGreaterThanOrEqual(10);
    model.twin.tenant(9).forbid('hooks', false);
    await model.run(20 * MINUTE);
    expect(hooks()).toHaveLength(3);
    expect(status(tenantId)).toMatchObject({ reason: null, webhooks: { state: 'in-place', permission: null } });
    const fast = asked(checks);
    await model.run(2 * HOUR);
    expect(asked(checks) - fast).toBeLessThanOrEqual(10);
  });

  it('whose deliveries have failed at the vendor are followed by an early check', async () => {
    const { model, join, live, status } = modelOf({ queue: QUEUE, reconcileSeconds: 7_200 });
    const tenantId = join(9);
    await live(tenantId);
    await model.run(10 * MINUTE);
    expect(status(tenantId)?.webhooks?.queue).toBe('read');
    model.twin.put(9, 'client', 3, { firstname: 'Refused' }, { notify: false });
    const hook = [...model.twin.tenant(9).hooks.values()].find(({ trigger }) => trigger === 1);
    const what = { id: 900, tenantId: 9, trigger: 1, recordId: 3, attempt: 11, copy: 1, held: 'no' } as const;
    const note = { ...what, at: model.clock.now(), hookId: hook?.id ?? 0, outcome: 'given-up', status: 500 } as const;
    model.twin.deliveries.log.push(note);
    await model.run(8 * MINUTE);
    expect(model.log.tail('provet.client.v1').get(`${tenantId}/3`)?.value).toContain('Refused');
    expect(status(tenantId)?.counters.missed).toBe(1);
  });

  it('whose deliveries have failed are found behind a page of others, and looked for everywhere behind too many', async () => {
    const { model, join, live, asked } = modelOf({ queue: QUEUE, reconcileSeconds: 86_400 });
    const tenantId = join(9);
    await live(tenantId);
    await model.run(10 * MINUTE);
    const hookOf = (trigger: number) =>
      [...model.twin.tenant(9).hooks.values()].find((hook) => hook.trigger === trigger)?.id ?? 0;
    const note = (id: number, trigger: number, outcome: 'accepted' | 'given-up') => {
      const about = {
        tenantId: 9,
        trigger,
        recordId: 3,
        attempt: 1,
        status: outcome === 'accepted' ? 200 : 500,
        copy: 1,
        held: 'no',
      } as const;
      model.twin.deliveries.log.push({ at: model.clock.now(), id, hookId: hookOf(trigger), outcome, ...about });
    };
    const burst = (from: number, many: number) => {
      for (let id = from; id < from + many; id += 1) note(id, 2, 'accepted');
    };
    const tail = (resource: string, id: number) =>
      model.log.tail(`provet.${resource}.v1`).get(`${tenantId}/${id}`)?.value ?? '';
    model.twin.put(9, 'client', 3, { firstname: 'Refused' }, { notify: false });
    note(900, 1, 'given-up');
    burst(1_000, 120);
    await model.run(8 * MINUTE);
    expect(tail('client', 3)).toContain('Refused');
    expect(asked(/hook\/queue\/\?page_size=50&page=3$/)).toBe(1);
    model.twin.put(9, 'client', 4, { firstname: 'Behind-all-of-them' }, { notify: false });
    burst(2_000, 260);
    await model.run(8 * MINUTE);
    expect(tail('client', 4)).toContain('Behind-all-of-them');
    expect(asked(/hook\/queue\/\?page_size=50&page=6$/)).toBe(0);
  });

  it('are no worse for a list of deliveries that is not understood', async () => {
    const members = { ...QUEUE.members, at: 'when' };
    const { model, join, live, status } = modelOf({ queue: { ...QUEUE, members } });
    const tenantId = join(9);
    await live(tenantId);
    model.twin.put(9, 'client', 3, { firstname: 'Ada' });
    await model.run(HOUR);
    expect(status(tenantId)).toMatchObject({ phase: 'live', webhooks: { queue: 'not-understood' } });
  });
});

describe('a practice that was changed', () => {
  it('is looked at at once, long before the next day', async () => {
    const { model, join, live, hooks } = modelOf();
    const tenantId = join(9);
    await live(tenantId);
    await model.run(HOUR);
    model.twin.tenant(9).hooks.clear();
    const text = model.log.tail('tenant.v1').get(tenantId)?.value ?? '';
    const tenant = JSON.parse(text) as TenantValue;
    model.tenant({ ...tenant, version: tenant.version + 1 });
    await model.run(MINUTE);
    expect(hooks()).toHaveLength(3);
  });
});

describe('permissions of a practice', () => {
  it('are probed on activation and daily; what is new is read without a restart', async () => {
    const { model, join, live, status } = modelOf();
    const tenantId = join(9, (clinic) => clinic.forbid('patient'));
    await live(tenantId);
    expect(status(tenantId)?.access).toMatchObject({ standing: 'ok', permission: 'General: Patients and clients' });
    await model.run(MINUTE);
    expect(status(tenantId, 'patient')).toMatchObject({ phase: 'forbidden' });
    model.twin.tenant(9).forbid('patient', false);
    await live(tenantId, 'patient');
    expect(model.log.tail('provet.patient.v1').size).toBe(30);
  });

  it('are probed one by one where the list of permissions is refused', async () => {
    const { join, live, status, asked, worker, model } = modelOf();
    const tenantId = join(9, (clinic) => {
      clinic.forbid('Profile: User profile page');
      clinic.forbid('patient');
    });
    await live(tenantId);
    expect(status(tenantId)?.access?.standing).toBe('ok');
    expect(status(tenantId, 'patient')?.access?.standing).toBe('forbidden');
    const probes = /^GET \/9\/api\/0\.1\/(client|patient)\/\?page_size=1$/;
    const before = asked(probes);
    expect(worker.engine.prepareNow(tenantId)).toBe(true);
    await model.run(MINUTE);
    expect(asked(probes)).toBeGreaterThanOrEqual(before + 2);
  });

  it('that all practices gain at once are read to the end in all of them', async () => {
    const { model, join, live, status } = modelOf({ config: { newlyPermittedAtOnce: 1 }, httpLatencyMs: () => 2_000 });
    const ids = [21, 22, 23, 24];
    const tenants = ids.map((id) => join(id, (clinic) => clinic.forbid('patient')));
    for (const tenantId of tenants) await live(tenantId);
    for (const id of ids) model.twin.tenant(id).forbid('patient', false);
    const reading = () => tenants.filter((tenantId) => (status(tenantId, 'patient')?.backfill?.done ?? 0) > 0);
    await model.clock.until('the first reads', () => reading().length > 0);
    for (const tenantId of tenants) await live(tenantId, 'patient');
    expect(tenants.map((tenantId) => status(tenantId, 'patient')?.phase)).toEqual(ids.map(() => 'live'));
  });

  it('that all practices gain at once have no more of them begin to read than there are places', async () => {
    const ids = Array.from({ length: 12 }, (_, n) => 30 + n);
    /** Practices that have asked for a page of their first reading and have not had the last one. */
    const reading = new Set<string>();
    const seen: number[] = [];
    const watched = (connector: Connector): Connector => {
      const watching = Object.create(connector) as Connector;
      watching.readPage = async (call, resource, pass, position) => {
        const isCounted = isGranted && resource.name === 'patient' && pass.spec.firstReading;
        if (isCounted) reading.add(call.tenant.tenantId);
        if (isCounted) seen.push(reading.size);
        const outcome = await connector.readPage(call, resource, pass, position);
        if (outcome.kind === 'page' && outcome.next === null) reading.delete(call.tenant.tenantId);
        return outcome;
      };
      return watching;
    };
    let isGranted = false;
    const { model, join, live } = modelOf({
      config: { newlyPermittedAtOnce: 3 },
      httpLatencyMs: () => 500,
      records: 250,
      connectorOf: watched,
    });
    const tenants = ids.map((id) => join(id, (clinic) => clinic.forbid('patient')));
    for (const tenantId of tenants) await live(tenantId);
    isGranted = true;
    for (const id of ids) model.twin.tenant(id).forbid('patient', false);
    for (const tenantId of tenants) await live(tenantId, 'patient');
    // Three pages each; those that need a place for it are never more than there are.
    expect(seen.length).toBeGreaterThanOrEqual(3 * ids.length);
    expect(Math.max(...seen)).toBe(3);
  }, 30_000);
});
