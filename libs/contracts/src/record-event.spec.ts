import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  buildRecordMessage,
  isMarkerKey,
  markerKey,
  parseRecordKey,
  recordEventHeaders,
  recordEventValue,
  recordKey,
  type RecordEventInput,
} from './record-event.js';
import { exactTenantId, provetTenantId } from './tenant-id.js';

const input: RecordEventInput = {
  tenantId: 'provet:provetcloud.com:9',
  vendor: 'provet',
  resource: 'invoice',
  recordId: '7',
  version: 1795723217399,
  change: 'updated',
  recordText: '{"id": 7,\n "total": 49.0, "no": 12345678901234567890}',
  changedFields: ['/total'],
  previousVersion: 1795723217000,
  lineage: {
    cause: 'notice',
    trigger: 9,
    noticedAt: '2026-11-26T20:00:00.000Z',
    fetchedAt: '2026-11-26T20:00:00.100Z',
    committedAt: '2026-11-26T20:00:00.200Z',
    runId: 'r1',
  },
  source: 'https://provetcloud.com/9/api/0.1/',
  sendCause: 'notice',
  epoch: 3,
};

describe('record events', () => {
  it("carries the vendor's text as it was spelt", () => {
    const { value } = buildRecordMessage(input);
    expect(value).toContain('"record":{"id": 7,\n "total": 49.0, "no": 12345678901234567890}');
    expect(recordEventValue.parse(JSON.parse(value as string)).record).toEqual(JSON.parse(input.recordText as string));
  });

  it('names version, tenant and change in CloudEvents headers', () => {
    const { key, headers } = buildRecordMessage(input);
    expect(recordEventHeaders.parse(headers)).toMatchObject({
      ce_id: 'provet:provetcloud.com:9/invoice/7@1795723217399',
      ce_type: 'practice-relay.provet.invoice.updated',
      ce_subject: 'invoice/7',
      ce_partitionkey: 'provet:provetcloud.com:9/7',
      ce_recordversion: '1795723217399',
      ce_cause: 'notice',
    });
    expect(key).toBe('provet:provetcloud.com:9/7');
  });

  it('makes a deletion a tombstone with the same headers', () => {
    const deletion = buildRecordMessage({ ...input, change: 'deleted', recordText: null });
    expect(deletion.value).toBeNull();
    expect(deletion.headers['ce_type']).toBe('practice-relay.provet.invoice.deleted');
    expect(recordEventHeaders.safeParse(deletion.headers).success).toBe(true);
  });

  it('says what was left out of a record that is too large', () => {
    const recordOmitted = { bytes: 2_000_000, sha256: 'ab', url: 'https://provetcloud.com/9/api/0.1/invoice/7/' };
    const { value } = buildRecordMessage({ ...input, recordText: null, recordOmitted });
    expect(JSON.parse(value as string)).toMatchObject({ record: null, recordOmitted });
  });

  it('splits a key at its last slash, since practice ids may hold slashes', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), fc.stringMatching(/^[A-Za-z0-9_-]{1,64}$/), (tenantId, recordId) => {
        expect(parseRecordKey(`${tenantId}/${recordId}`)).toEqual({ tenantId, recordId });
      }),
    );
    expect(parseRecordKey('nothing')).toBeNull();
  });

  it('splits a key behind the tenant it was told: a practice, whose id is its record id, may hold slashes', () => {
    expect(parseRecordKey('exact:qa:A/B/A/B', 'exact:qa:A/B')).toEqual({ tenantId: 'exact:qa:A/B', recordId: 'A/B' });
    expect(parseRecordKey('exact:qa:A/1', 'exact:qa:B')).toEqual({ tenantId: 'exact:qa:A', recordId: '1' });
  });
});

describe('marker keys', () => {
  it('are told from records, whose keys begin with a tenant id', () => {
    expect(markerKey(3, 1)).toBe('~marker/3/1');
    expect(isMarkerKey(markerKey(3, 1))).toBe(true);
    for (const id of [provetTenantId('vet.example.com', 1), exactTenantId('qa', '~marker')]) {
      expect(isMarkerKey(recordKey(id, '7'))).toBe(false);
    }
  });
});
