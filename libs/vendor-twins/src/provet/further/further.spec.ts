import { describe, expect, it } from 'vitest';
import { memberText } from '../../json.js';
import { ProvetDrive, idsOf, rowsOf } from '../../spec-kit.js';
import { MODELLED_RESOURCES, PROVET_RESOURCES } from '../catalogue.js';

const resources = [...PROVET_RESOURCES.values()];

describe('every resource of the twin', () => {
  it('is there once, under a path of its own', () => {
    expect(new Set(MODELLED_RESOURCES).size).toBe(MODELLED_RESOURCES.length);
    expect(MODELLED_RESOURCES.length).toBeGreaterThan(100);
    for (const { name, path } of resources) expect(name).toBe(path.replaceAll('/', '-'));
  });

  it('lists and shows records that know their address, and the relations of which lead somewhere', () => {
    const drive = new ProvetDrive({ records: 8 });
    drive.tenant.switches.limits = false;
    for (const { name, path, hasDetail, hidesId } of resources) {
      const list = drive.api(`/${path}/`);
      expect([name, list.status]).toEqual([name, 200]);
      const ids = idsOf(list);
      expect(ids, name).toEqual(drive.twin.ids(7, name).sort((a, b) => (name === 'invoice' ? b - a : a - b)));
      const id = ids[0];
      const detail = drive.api(`/${path}/${id}/`);
      expect([name, detail.status]).toEqual([name, hasDetail ? 200 : 404]);
      expect('id' in (rowsOf(list)[0] ?? {}), `${name} hides its id`).toBe(!hidesId && name !== 'invoice');
      if (!hasDetail) continue;
      expect(memberText(detail.json, 'url')).toBe(`https://provet.example/7/api/0.1/${path}/${id}/`);
    }
  });

  it('hides the id where the vendor was seen to have none', () => {
    const hidden = resources.filter(({ hidesId }) => hidesId).map(({ name }) => name);
    expect(hidden).toEqual(['shifttype', 'consultationitem', 'reminder', 'invoicerow', 'vatgroup']);
  });

  it('leads from a part to its whole', () => {
    const drive = new ProvetDrive({ records: 8 });
    const whole = (path: string, member: string): string =>
      new URL(memberText(drive.api(path).json, member)).pathname.replace('/7/api/0.1', '');
    expect(whole('/invoicerow/5/', 'invoice')).toBe('/invoice/5/');
    expect(whole('/orderitem/5/', 'order')).toBe('/order/5/');
    expect(whole('/stock/entry/5/', 'item')).toBe('/stock/item/5/');
    for (const path of ['/invoice/5/', '/order/5/', '/stock/item/5/']) expect(drive.api(path).status).toBe(200);
  });
});

describe('filters of parts', () => {
  it('are honoured where the endpoint declares them', () => {
    const drive = new ProvetDrive({ records: 20 });
    expect(idsOf(drive.api('/invoicerow/?invoice__is=11'))).toEqual([11]);
    expect(idsOf(drive.api('/invoicerow/?invoice__in=11,12'))).toEqual([11, 12]);
    expect(idsOf(drive.api('/consultation_items/medicine/?consultation__is=4'))).toEqual([4]);
  });

  it('are ignored where it does not: everything comes back', () => {
    const drive = new ProvetDrive({ records: 20 });
    expect(idsOf(drive.api('/consultationitem/?consultation__is=11'))).toHaveLength(20);
  });

  it('by modified are ignored where nothing is known of them', () => {
    const drive = new ProvetDrive({ records: 20 });
    const later = '2030-01-01T00:00:00Z';
    expect(idsOf(drive.api(`/phonenumber/?modified__gte=${later}`))).toEqual([]);
    expect(idsOf(drive.api(`/estimate/?modified__gte=${later}`))).toHaveLength(20);
  });
});

describe('limits and permissions', () => {
  it('are those of each endpoint', () => {
    const drive = new ProvetDrive({ records: 3 });
    for (let call = 0; call < 50; call++) expect(drive.api('/note/').status).toBe(200);
    expect(drive.api('/note/').status).toBe(429);
    drive.tenant.forbid('Settings: Stock');
    expect(drive.api('/stock/item/').status).toBe(403);
    expect(drive.api('/stocklevel/1/').status).toBe(403);
    expect(drive.api('/vatgroup/').status).toBe(200);
  });
});

describe('changes', () => {
  it('fire the triggers of the resource, with the id under its own member', () => {
    const drive = new ProvetDrive({ records: 3 });
    for (const trigger of [15, 16, 20, 41, 42, 43, 23]) drive.hook(trigger);
    drive.twin.put(7, 'item', 2, { name: 'new name' });
    drive.twin.put(7, 'consultation_laboratory_referral', 2, {});
    drive.twin.put(7, 'logs-email', null, {});
    drive.twin.put(7, 'appointment_reminder', null, {});
    drive.twin.put(7, 'appointment_reminder', 2, {});
    drive.twin.remove(7, 'appointment_reminder', 1);
    drive.twin.remove(7, 'invoicerow', 3);
    const said = drive.twin.dueDeliveries().map(({ trigger, body }) => `${trigger} ${body}`);
    expect(said).toEqual([
      '15 organizationitem_id=2',
      '16 laboratory_referral_id=2',
      '20 email_log_id=4',
      '41 appointment_reminder_id=4',
      '42 appointment_reminder_id=2',
      '43 appointment_reminder_id=1',
      '23 invoicerow_id=3',
    ]);
  });
});
