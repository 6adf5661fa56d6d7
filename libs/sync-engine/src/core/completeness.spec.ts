import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Comparison, Tally } from './comparison.js';
import { compared, newComparison, tallied } from './completeness.js';
import type { MirrorRow, RecordRef } from './model.js';

const START = 100n;
const VENDOR_STARTED = 1_000_000;
const ref = (recordId: string): RecordRef => ({ tenantId: 't', resource: 'client', recordId });

type Row = Pick<MirrorRow, 'deleted' | 'readSeq' | 'modifiedAt'>;

function compare(
  rows: Record<string, number | null>,
  mirror: Record<string, Row>,
  absent: readonly string[] = [],
  announced: readonly string[] = [],
) {
  const page = {
    rows: Object.entries(rows).map(([id, modifiedAt]) => ({ ref: ref(id), modifiedAt })),
    absent: absent.map(ref),
    vendorStartedAt: VENDOR_STARTED,
    isAnnounced: (recordId: string) => announced.includes(recordId),
  };
  const view = { row: ({ recordId }: RecordRef) => (mirror[recordId] ?? null) as MirrorRow | null };
  return compared(newComparison(START), page, view);
}

const held = (modifiedAt: number | null, over: Partial<Row> = {}): Row => ({
  deleted: false,
  readSeq: 7n,
  modifiedAt,
  ...over,
});

describe('a whole reading beside the mirror', () => {
  it('has the same count and digest on both sides where nothing differs', () => {
    const found = compare({ 1: 500, 2: null }, { 1: held(500), 2: held(null) });
    expect(found.atVendor).toEqual(found.here);
    expect(found).toMatchObject({ unsettled: 0, atVendor: { count: 2 }, differing: { count: 0 } });
  });

  it('names what is missing on either side, and what differs', () => {
    const mirror = { 1: held(500), 3: held(600), 4: held(700, { deleted: true }) };
    const found = compare({ 1: 501, 2: 500, 4: 700 }, mirror, ['3']);
    expect(found).toMatchObject({
      missingHere: { count: 2, ids: ['2', '4'] },
      missingThere: { count: 1, ids: ['3'] },
      differing: { count: 1, ids: ['1'] },
      atVendor: { count: 3 },
      here: { count: 2 },
    });
    expect(found.atVendor.digest).not.toBe(found.here.digest);
  });

  it('calls nothing a difference that has changed since it was started', () => {
    const touched = { readSeq: START };
    const mirror = { 1: held(500, touched), 2: held(500, { ...touched, deleted: true }), 3: held(1, touched) };
    const found = compare({ 1: 400, 2: 400, 9: VENDOR_STARTED }, mirror, ['3']);
    expect(found).toMatchObject({ unsettled: 4, atVendor: { count: 0 }, here: { count: 0 } });
    expect([found.missingHere, found.missingThere, found.differing].map(({ count }) => count)).toEqual([0, 0, 0]);
  });

  it('calls nothing a difference whose notice waits: a change without a time, or a deletion', () => {
    const mirror = { 1: held(null), 2: held(500), 3: held(500) };
    const found = compare({ 1: 400, 4: null }, mirror, ['2', '3'], ['1', '2', '4']);
    expect(found).toMatchObject({ unsettled: 3, atVendor: { count: 0 }, missingThere: { count: 1, ids: ['3'] } });
    expect([found.missingHere, found.differing].map(({ count }) => count)).toEqual([0, 0]);
  });

  it('names a hundred and counts the rest', () => {
    const rows = Object.fromEntries(Array.from({ length: 250 }, (_, id) => [String(id), 500]));
    const { missingHere }: Comparison = compare(rows, {});
    expect([missingHere.count, missingHere.ids.length]).toEqual([250, 100]);
  });

  it('has a digest that no order changes and that every other set does', () => {
    const record = fc.tuple(fc.stringMatching(/^[a-z0-9]{1,6}$/), fc.option(fc.nat(2_000_000_000)));
    const of = (records: readonly (readonly [string, number | null])[]): Tally =>
      records.reduce<Tally>((sum, [id, at]) => tallied(sum, id, at), newComparison(0n).here);
    fc.assert(
      fc.property(fc.uniqueArray(record, { selector: ([id]) => id, minLength: 1 }), record, (records, [, other]) => {
        expect(of([...records].reverse())).toEqual(of(records));
        expect(of(records).digest).toMatch(/^[0-9a-f]{64}$/);
        const [[id, at], ...rest] = records as [[string, number | null], ...[string, number | null][]];
        expect(of(rest).digest).not.toBe(of(records).digest);
        const isSame = of([[id, other], ...rest]).digest === of(records).digest;
        expect(isSame).toBe(other === at);
      }),
    );
  });
});
