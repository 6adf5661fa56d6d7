import { describe, expect, it } from 'vitest';
import { ProvetDrive } from '../spec-kit.js';
import { RETRY_PAUSES_MS } from './deliveries.js';

describe('webhook registrations', () => {
  it('are described by OPTIONS, which alone names the target member', () => {
    const drive = new ProvetDrive();
    drive.tenant.switches.hookTarget = 'target_url';
    const { json } = drive.api('/hook/webhook/', { method: 'OPTIONS' });
    expect(json['actions']?.['POST']?.['target_url']).toMatchObject({ type: 'url', required: true, read_only: false });
    const bad = drive.api('/hook/webhook/', { method: 'POST', body: { target: 'https://x.example', trigger: 99 } });
    expect(bad.json).toEqual({ trigger: ['"99" is not a valid choice.'], target_url: ['This field is required.'] });
    drive.tenant.switches.hookOptions = false;
    expect(drive.api('/hook/webhook/', { method: 'OPTIONS' }).json['actions']).toBeUndefined();
  });

  it('are created, listed, changed and removed', () => {
    const drive = new ProvetDrive();
    const id = drive.hook(1, { name: 'mine' });
    expect(drive.api('/hook/webhook/').json).toMatchObject({
      count: 1,
      results: [{ id, trigger: 1, content_type: 1, active: true, department: null }],
    });
    const changed = drive.api(`/hook/webhook/${id}/`, { method: 'PATCH', body: { active: false } });
    expect(changed.json).toMatchObject({ id, name: 'mine', active: false, target: 'https://receiver.example/1' });
    drive.twin.put(7, 'client', 1, {});
    expect(drive.twin.dueDeliveries()).toEqual([]);
    expect(drive.api(`/hook/webhook/${id}/`, { method: 'DELETE' })).toMatchObject({ status: 204, text: '' });
    expect(drive.api(`/hook/webhook/${id}/`).status).toBe(404);
  });
});

describe('webhooks', () => {
  it('carry the id as text, as a form or as JSON', () => {
    const drive = new ProvetDrive();
    drive.hook(3);
    drive.hook(3, { content_type: 2 });
    drive.twin.put(7, 'consultation', 9, { complaint: 'x' });
    const [form, json] = drive.twin.dueDeliveries();
    expect(form).toMatchObject({
      contentType: 'application/x-www-form-urlencoded',
      body: 'consultation_id=9',
      attempt: 1,
    });
    expect(json).toMatchObject({ contentType: 'application/json', body: '{"consultation_id":"9"}' });
    drive.twin.setJsonIds('number');
    drive.twin.put(7, 'consultation', 9, { complaint: 'y' });
    expect(drive.twin.dueDeliveries()[1]?.body).toBe('{"consultation_id":9}');
  });

  it('fire the trigger of what happened', () => {
    const drive = new ProvetDrive();
    for (const trigger of [1, 2, 3, 4, 9, 10, 17, 21, 22, 39, 45]) drive.hook(trigger);
    const fired = (change: () => unknown): number[] => {
      change();
      return drive.twin.dueDeliveries().map((delivery) => delivery.trigger);
    };
    const { twin } = drive;
    expect(fired(() => twin.put(7, 'client', 1, {}))).toEqual([1]);
    expect(fired(() => twin.remove(7, 'client', 1))).toEqual([39]);
    expect(fired(() => twin.remove(7, 'patient', 1))).toEqual([]);
    expect(fired(() => twin.remove(7, 'appointment', 1))).toEqual([22]);
    expect(fired(() => twin.put(7, 'consultation', 1, { status: 5 }))).toEqual([3, 17]);
    expect(fired(() => twin.put(7, 'consultation', 1, { complaint: 'again' }))).toEqual([3]);
    expect(fired(() => twin.put(7, 'consultation', 1, { status: 10 }))).toEqual([3, 45]);
    expect(fired(() => twin.put(7, 'invoice', 1, { status: 0 }))).toEqual([10]);
    expect(fired(() => twin.put(7, 'invoice', 1, { status: 3 }))).toEqual([9]);
    expect(fired(() => twin.put(7, 'invoice', 1, {}, { notify: false }))).toEqual([]);
  });

  it('of a department miss what was changed through the API', () => {
    const drive = new ProvetDrive();
    const department = drive.twin.record(7, 'client', 1)?.['home_department'];
    drive.hook(1, { department });
    drive.hook(21, { department });
    drive.twin.put(7, 'client', 1, {}, { by: 'api' });
    expect(drive.twin.dueDeliveries()).toEqual([]);
    drive.twin.put(7, 'client', 1, {}, { by: 'person' });
    drive.twin.put(7, 'appointment', 1, { department: department ?? null }, { by: 'api' });
    expect(drive.twin.dueDeliveries().map(({ trigger }) => trigger)).toEqual([1, 21]);
    drive.twin.put(7, 'client', 1, { home_department: null });
    expect(drive.twin.dueDeliveries()).toEqual([]);
  });

  it('are repeated up to ten times on anything but 200, then forgotten', () => {
    const drive = new ProvetDrive();
    drive.hook(1);
    drive.twin.put(7, 'client', 1, {});
    const statuses = [202, 204, 301, 400, 404, 500, 503, null, 201, 500, 500];
    for (const [index, status] of statuses.entries()) {
      const [delivery, ...rest] = drive.twin.dueDeliveries();
      expect(delivery).toMatchObject({ attempt: index + 1, body: 'client_id=1' });
      expect(rest).toEqual([]);
      drive.twin.deliveries.report(delivery?.id ?? 0, status, drive.clock.now);
      const pause = RETRY_PAUSES_MS[index] ?? 3_600_000;
      drive.clock.pass(pause - 1);
      expect(drive.twin.dueDeliveries()).toEqual([]);
      drive.clock.pass(1);
    }
    expect(drive.twin.deliveries.unfinished).toBe(0);
    expect(drive.twin.deliveries.notes({ outcome: 'given-up' })).toHaveLength(1);
    drive.twin.put(7, 'client', 1, {});
    drive.twin.deliveries.report(drive.twin.dueDeliveries()[0]?.id ?? 0, 200, drive.clock.now);
    expect(drive.twin.deliveries).toMatchObject({ unfinished: 0, nextAt: null });
  });

  it('are lost, doubled, late and out of order by rates and by order', () => {
    const drive = new ProvetDrive();
    drive.hook(1);
    const due = (rates: object): number => {
      drive.twin.setWebhookRates({ drop: 0, duplicate: 0, late: 0, reorder: 0, ...rates });
      drive.twin.put(7, 'client', 2, {});
      return drive.twin.dueDeliveries().length;
    };
    expect(due({ drop: 1 })).toBe(0);
    expect(due({ duplicate: 1 })).toBe(2);
    expect(due({ late: 1, lateMs: 5000 })).toBe(0);
    drive.clock.pass(5000);
    expect(due({})).toBe(2);
    drive.twin.dropNext(7, 'client', 2);
    expect(due({})).toBe(0);
    expect(due({})).toBe(1);
    drive.twin.put(7, 'client', 2, {}, { notify: 'drop' });
    expect(drive.twin.dueDeliveries()).toEqual([]);
    expect(drive.twin.deliveries.notes({ outcome: 'dropped' })).toHaveLength(3);
    expect(drive.twin.changes.since().at(-1)?.announced).toEqual([]);
  });

  it('are told of as they were treated, the second of two apart', () => {
    const drive = new ProvetDrive();
    drive.hook(1);
    drive.twin.setWebhookRates({ duplicate: 1, duplicateMs: 3000 });
    drive.twin.put(7, 'client', 2, {});
    expect(drive.twin.dueDeliveries().map(({ copy }) => copy)).toEqual([1]);
    drive.clock.pass(3000);
    expect(drive.twin.dueDeliveries().map(({ copy }) => copy)).toEqual([2]);
    drive.twin.setWebhookRates({ duplicate: 0, late: 1 });
    drive.twin.put(7, 'client', 2, {});
    drive.twin.setWebhookRates({ late: 0, reorder: 1 });
    drive.twin.put(7, 'client', 3, {});
    drive.twin.put(7, 'client', 3, {}, { notify: 'drop' });
    const { deliveries } = drive.twin;
    expect(deliveries.tally()).toEqual({ dropped: 1, doubled: 1, late: 1, reordered: 1 });
    expect(deliveries.tally({ recordId: 2 })).toEqual({ dropped: 0, doubled: 1, late: 1, reordered: 0 });
    expect(deliveries.notes({ recordId: 3 }).map(({ held, outcome }) => [held, outcome])).toEqual([
      ['reordered', 'queued'],
      ['no', 'dropped'],
    ]);
  });

  it('overtake each other when reordered', () => {
    const drive = new ProvetDrive();
    drive.hook(1);
    drive.twin.setWebhookRates({ reorder: 0.5, reorderMs: 10_000 });
    for (let id = 1; id <= 40; id++) drive.twin.put(7, 'client', id, {});
    drive.clock.pass(10_000);
    const order = drive.twin.dueDeliveries().map(({ recordId }) => recordId);
    expect(order).toHaveLength(40);
    expect(order).not.toEqual([...order].sort((a, b) => a - b));
  });
});
