import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ENGINE_RULES } from './engine-rules.js';
import { NEW_FACTS, type MirrorRow } from './model.js';
import { changeOf, decideRecord, nextVersion, type RecordQuestion } from './record-decision.js';

const T = 1_795_000_000_000;

const mirrorRow: MirrorRow = {
  tenantId: 't',
  resource: 'client',
  recordId: '1',
  version: T - 1000,
  deleted: false,
  hash: 'h1',
  listHash: null,
  modifiedAt: T - 10_000,
  readSeq: 5n,
  readAt: null,
  lastNoticeAt: null,
  missed: false,
  change: 'snapshot',
  changedFields: [],
  previous: null,
  previousVersion: null,
  lineage: { cause: 'backfill', trigger: null, noticedAt: null, fetchedAt: '', committedAt: '', runId: 'r' },
  source: 's',
  omitted: null,
  whole: null,
};

const question: RecordQuestion = {
  now: T,
  rules: ENGINE_RULES,
  row: mirrorRow,
  sighting: { text: '{}', hash: 'h2', modifiedAt: T - 5_000, fetchedAt: T - 10 },
  readSeq: 6n,
  facts: { ...NEW_FACTS, liveAt: T - 1_000_000 },
  cause: 'notice',
  hasNotices: true,
  noticesKnown: true,
  consumedAsOf: null,
  lastNoticeAt: T - 4_000,
  detail: {},
};

describe('decideRecord', () => {
  it('lets no reading that started earlier overwrite one that started later', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 1n << 62n }), fc.bigInt({ min: 0n, max: 1n << 62n }), (mirror, read) => {
        const { kind } = decideRecord({ ...question, row: { ...mirrorRow, readSeq: mirror }, readSeq: read });
        expect(kind === 'overtaken').toBe(read <= mirror);
      }),
    );
  });

  it('makes no version of the same content', () => {
    const sighting = { ...question.sighting, hash: 'h1' };
    expect(decideRecord({ ...question, sighting })).toEqual({ kind: 'unchanged' });
  });

  it('believes an older answer when it comes twice', () => {
    const sighting = { ...question.sighting, modifiedAt: T - 20_000 };
    expect(decideRecord({ ...question, sighting })).toEqual({ kind: 'older' });
    expect(decideRecord({ ...question, sighting, detail: { olderHash: 'other' } })).toEqual({ kind: 'older' });
    expect(decideRecord({ ...question, sighting, detail: { olderHash: 'h2' } }).kind).toBe('changed');
  });

  it('takes what a check finds before the resource is live for the first reading', () => {
    const decision = decideRecord({ ...question, row: null, cause: 'sweep', facts: NEW_FACTS });
    expect(decision).toEqual({ kind: 'changed', change: 'snapshot', cause: 'backfill', missed: false });
  });

  it('leaves the cause of a pass alone where no notices exist', () => {
    const decision = decideRecord({ ...question, cause: 'poll', hasNotices: false });
    expect(decision).toEqual({ kind: 'changed', change: 'updated', cause: 'poll', missed: false });
  });

  it('names a change', () => {
    const live = { ...NEW_FACTS, liveAt: 1 };
    expect(changeOf(null, NEW_FACTS)).toBe('snapshot');
    expect(changeOf(null, live)).toBe('created');
    expect(changeOf({ ...mirrorRow, deleted: true }, live)).toBe('created');
    expect(changeOf(mirrorRow, NEW_FACTS)).toBe('updated');
  });
});

describe('nextVersion', () => {
  it('only grows, whatever the clock does', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: T * 2 })), (clock) => {
        let version: number | null = null;
        for (const now of clock) {
          const next: number = nextVersion(version, now);
          expect(next).toBeGreaterThan(version ?? 0);
          expect(next).toBeGreaterThanOrEqual(now);
          version = next;
        }
      }),
    );
  });
});
