import { describe, expect, it } from 'vitest';
import { memberText } from '../json.js';
import { ProvetDrive, idsOf, rowsOf } from '../spec-kit.js';

describe('lists', () => {
  it('come in pages of fifty with absolute links, and a page beyond the last is 404', () => {
    const drive = new ProvetDrive({ records: 120 });
    const first = drive.api('/client/');
    expect(first.json).toMatchObject({ count: 120, num_pages: 3, previous: null });
    expect(idsOf(first)).toHaveLength(50);
    expect(first.json['next']).toBe('https://provet.example/7/api/0.1/client/?page=2');
    const last = drive.api('/client/?page=3');
    expect(idsOf(last)).toHaveLength(20);
    expect(last.json['next']).toBeNull();
    expect(last.json['previous']).toBe('https://provet.example/7/api/0.1/client/?page=2');
    expect(drive.api('/client/?page=4')).toMatchObject({ status: 404, json: { detail: 'Invalid page.' } });
  });

  it('give at most a thousand records a page', () => {
    const drive = new ProvetDrive({ records: { client: 1100 } });
    expect(idsOf(drive.api('/client/?page_size=5000'))).toHaveLength(1000);
  });

  it('can be paged by key although records appear and disappear', () => {
    const drive = new ProvetDrive({ records: 30 });
    const seen: number[] = [];
    for (let after = 0; ;) {
      const page = idsOf(drive.api(`/patient/?ordering=id&page_size=7&id__gt=${after}`));
      if (page.length === 0) break;
      seen.push(...page);
      after = page.at(-1) ?? 0;
      if (after === 7) {
        drive.twin.remove(7, 'patient', 3);
        drive.twin.put(7, 'patient', null, { name: 'Newcomer' });
      }
    }
    expect(seen).toEqual(Array.from({ length: 31 }, (_, index) => index + 1));
  });

  it('order by time of change as instants, whatever offset they are written in', () => {
    const drive = new ProvetDrive({ records: 40 });
    const rows = rowsOf(drive.api('/patient/?ordering=-modified'));
    const times = rows.map((row) => Date.parse(memberText(row, 'modified')));
    expect(times).toEqual([...times].sort((a, b) => b - a));
    expect(idsOf(drive.api('/patient/?ordering=modified'))).toEqual(
      idsOf(drive.api('/patient/?ordering=-modified')).reverse(),
    );
  });

  it('lack members of the detail form for consultation, invoice and patient, unless switched', () => {
    const drive = new ProvetDrive();
    const members = (path: string): string[] => {
      const answer = drive.api(path);
      return Object.keys(path.includes('?') ? (rowsOf(answer)[0] ?? {}) : answer.json);
    };
    expect(members('/invoice/?id__gte=60')).not.toContain('id');
    for (const resource of ['consultation', 'invoice', 'patient'] as const) {
      const detail = members(`/${resource}/60/`);
      const list = members(`/${resource}/?id__gte=60`);
      expect(list.length).toBeLessThan(detail.length);
      expect(detail).toEqual(expect.arrayContaining(list));
      drive.tenant.switches.listForm[resource] = 'full';
      expect(members(`/${resource}/?id__gte=60`)).toEqual(detail);
    }
    expect(members('/client/?id__gte=60')).toEqual(members('/client/60/'));
    drive.tenant.switches.listForm['client'] = 'reduced';
    expect(members('/client/?id__gte=60')).not.toEqual(members('/client/60/'));
  });
});

describe('filters', () => {
  it("take the vendor's date forms; an unencoded plus makes the value unreadable", () => {
    const drive = new ProvetDrive({ records: 20, offsetMinutes: -300 });
    drive.twin.put(7, 'client', 5, { firstname: 'Late' });
    drive.clock.pass(60_000);
    const of = (text: string): number[] => idsOf(drive.api(`/client/?modified__gte=${text}`));
    expect(of('2026-03-11%2010:00%2B00:00')).toEqual([5]);
    expect(of('2026-03-11%2012:00%2B02:00')).toEqual([5]);
    expect(of('2026-03-11T10:00:00Z')).toEqual([5]);
    expect(of('2026-03-11%2010:01%2B00:00')).toEqual([]);
    // Without an offset it is the practice's own clock.
    expect(of('2026-03-11T05:00:00')).toEqual([5]);
    expect(of('2026-03-11T05:01:00')).toEqual([]);
    expect(drive.api('/client/?modified__gte=2026-03-11%2010:00+00:00')).toMatchObject({
      status: 400,
      json: { modified__gte: ['Enter a valid date/time.'] },
    });
  });

  it('bound a time from above and below', () => {
    const drive = new ProvetDrive({ records: 10 });
    drive.twin.put(7, 'client', 1, {});
    drive.clock.pass(120_000);
    drive.twin.put(7, 'client', 2, {});
    expect(idsOf(drive.api('/client/?modified__gte=2026-03-11T10:00:00Z&modified__lte=2026-03-11T10:01:00Z'))).toEqual([
      1,
    ]);
  });

  it('are ignored without a word where the endpoint does not declare them, or a switch says so', () => {
    const drive = new ProvetDrive({ records: 12 });
    expect(drive.api('/client/?shoe_size__is=44').json['count']).toBe(12);
    expect(drive.api('/client/?modified__gte=2030-01-01').json['count']).toBe(0);
    drive.tenant.switches.ignoredFilters.add('client.modified__gte');
    expect(drive.api('/client/?modified__gte=2030-01-01').json['count']).toBe(12);
    expect(drive.api('/patient/?modified__gte=2030-01-01').json['count']).toBe(0);
  });

  it('compare text, numbers, flags and relations', () => {
    const drive = new ProvetDrive({ records: 12 });
    drive.twin.put(7, 'client', 3, { lastname: 'Zebrowski', archived: true });
    drive.twin.put(7, 'patient', 8, { client: 'https://provet.example/7/api/0.1/client/3/' });
    expect(idsOf(drive.api('/client/?lastname__icontains=zebrow'))).toEqual([3]);
    expect(idsOf(drive.api('/client/?id__in=[2,4,99]'))).toEqual([2, 4]);
    expect(idsOf(drive.api('/client/?archived__is=true&id__lte=3')).at(-1)).toBe(3);
    expect(idsOf(drive.api('/patient/?client__is=3')).sort((a, b) => a - b)).toEqual([3, 8]);
    expect(idsOf(drive.api('/client/?filter_type=or&lastname__icontains=zebrow&id__is=1'))).toEqual([1, 3]);
  });
});
