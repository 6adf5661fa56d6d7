import * as fc from 'fast-check';
import { recordEventHeaders, recordEventValue } from '@relay/contracts';
import { describe, expect, it } from 'vitest';
import { messageOf, tombstoneOf, versionOf, type VersionInput } from './record-version.js';

const T = 1_795_000_000_000;
const origin = {
  vendor: 'provet' as const,
  source: 'https://h/1/api/0.1/',
  urlOf: () => 'https://h/1/api/0.1/client/1/',
};

const input = (text: string, over: Partial<VersionInput> = {}): VersionInput => ({
  ref: { tenantId: 'provet:h:1', resource: 'client', recordId: '1' },
  row: null,
  oldBody: null,
  sighting: { text, hash: 'h', modifiedAt: T, fetchedAt: T },
  readSeq: 1n,
  change: 'snapshot',
  cause: 'backfill',
  missed: false,
  trigger: null,
  noticedAt: null,
  runId: 'run',
  listHash: null,
  volatileMembers: [],
  now: T,
  origin,
  settings: { previous: false, maxBytes: 10_000 },
  whole: null,
  ...over,
});
const send = { vendor: 'provet' as const, cause: 'replay' as const, epoch: 3 };

describe('versionOf', () => {
  it('carries the record as the vendor spelt it', () => {
    const text = '{"id":1,"price":49.0,"big":12345678901234567890}';
    const { value, headers } = messageOf(versionOf(input(text)), text, send);
    expect(value).toContain(`"record":${text},`);
    expect(recordEventHeaders.parse(headers)).toMatchObject({ ce_cause: 'replay', 'relay-epoch': '3' });
    const parsed = recordEventValue.parse(JSON.parse(value as string));
    expect(parsed).toMatchObject({ changedFields: [], previousVersion: null, lineage: { cause: 'backfill' } });
  });

  it('names what changed, without volatile members, with old values only on request', () => {
    const before = versionOf(input('{"a":1,"url":"x"}'));
    const row = { ...before, version: T };
    const over = { row, oldBody: '{"a":1,"url":"x"}', volatileMembers: ['url'], change: 'updated' as const };
    const text = '{"a":2,"url":"y"}';
    const plain = versionOf(input(text, over));
    expect(plain.changedFields).toEqual(['/a']);
    expect(messageOf(plain, text, send).value).not.toContain('"previous":');
    const full = versionOf(input(text, { ...over, settings: { previous: true, maxBytes: 10_000 } }));
    expect(JSON.parse(messageOf(full, text, send).value as string)).toMatchObject({ previous: { '/a': 1 } });
  });

  it('names a record that is too large instead of carrying it, the same each time', () => {
    const text = JSON.stringify({ id: 1, note: 'é'.repeat(6_000) });
    const row = versionOf(input(text));
    expect(row.omitted).toEqual({
      bytes: Buffer.byteLength(text),
      sha256: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
      url: 'https://h/1/api/0.1/client/1/',
    });
    const { value } = messageOf(row, text, send);
    expect(Buffer.byteLength(value as string)).toBeLessThan(10_000);
    expect(recordEventValue.parse(JSON.parse(value as string)).record).toBeNull();
  });

  it('never makes an event larger than the limit', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 30_000 }), fc.integer({ min: 0, max: 2_000 }), (size, members) => {
        const wide = Object.fromEntries(Array.from({ length: members }, (_, i) => [`member-${i}`, i]));
        const text = JSON.stringify({ ...wide, note: '"'.repeat(size) });
        const old = versionOf(input('{}'));
        const row = versionOf(input(text, { row: old, oldBody: '{}', settings: { previous: true, maxBytes: 10_000 } }));
        expect(Buffer.byteLength(messageOf(row, text, send).value as string)).toBeLessThanOrEqual(10_000);
      }),
      { numRuns: 40 },
    );
  });
});

describe('tombstoneOf', () => {
  it('has no value, the same headers and a version above', () => {
    const row = versionOf(input('{"a":1}'));
    const at = { now: 5, fetchedAt: 4, readSeq: 9n, cause: 'notice' as const };
    const gone = tombstoneOf(row, at, { trigger: 39, noticedAt: 3, runId: 'run' });
    expect(gone.version).toBe(row.version + 1);
    const { value, headers } = messageOf(gone, null, send);
    expect(value).toBeNull();
    expect(recordEventHeaders.parse(headers).ce_type).toMatch(/deleted$/);
  });
});
