import { describe, expect, it } from 'vitest';
import type { MirrorView } from './effects.js';
import { ENGINE_RULES } from './engine-rules.js';
import { NEW_FACTS, type MirrorRow, type PendingEntry } from './model.js';
import type { PlanContext } from './plan-context.js';
import { planFound } from './plan-fetch.js';

const T = 1_795_000_000_000;
const ref = { tenantId: 't', resource: 'client', recordId: '1' };
const CHANGED_AT = T - 600_000;
const context: PlanContext = {
  now: T,
  rules: ENGINE_RULES,
  spec: {
    name: 'client',
    hasDetail: true,
    modifiedMember: 'modified',
    volatileMembers: [],
    passes: [],
    hasNotices: true,
  },
  origin: { vendor: 'provet', source: 'https://h/1/', urlOf: () => 'https://h/1/client/1/' },
  settings: { previous: false, maxBytes: 900_000 },
  runId: 'run',
};
/** A check has healed it, and counted it as missed. */
const row: MirrorRow = {
  ...ref,
  version: T - 5,
  deleted: false,
  hash: 'h',
  listHash: null,
  modifiedAt: CHANGED_AT,
  readSeq: 5n,
  readAt: null,
  lastNoticeAt: null,
  missed: true,
  change: 'updated',
  changedFields: [],
  previous: null,
  previousVersion: null,
  lineage: { cause: 'reconcile', trigger: null, noticedAt: null, fetchedAt: '', committedAt: '', runId: '' },
  source: 's',
  whole: null,
  omitted: null,
};

function found(noticedAt: number) {
  const entry: PendingEntry = {
    ...ref,
    generation: 1,
    cause: 'notice',
    trigger: 1,
    deleteTrigger: false,
    firstNoticeAt: noticedAt,
    lastNoticeAt: noticedAt,
    notices: 1,
    attempts: 0,
    nextAttemptAt: 0,
    parked: false,
    pass: null,
    runId: null,
    detail: {},
  };
  const view: MirrorView = {
    row: () => row,
    body: () => null,
    facts: () => ({ ...NEW_FACTS, liveAt: T - 3_600_000 }),
    liveRecords: () => 1,
    noticesKnown: () => true,
    consumedAsOf: T,
  };
  return planFound(entry, { text: '{}', hash: 'h', modifiedAt: CHANGED_AT, fetchedAt: T }, 9n, view, context);
}

describe('a notice that leads to what a check has healed already', () => {
  it('was late: its change was not missed after all', () => {
    const { counted, writes } = found(CHANGED_AT + 500_000);
    expect(counted).toContainEqual(expect.objectContaining({ counter: 'missed', by: -1 }));
    expect(writes[0]?.row.missed).toBe(false);
  });

  it('takes nothing back when it is from before that change, and had waited since', () => {
    const { counted, writes } = found(CHANGED_AT - 300_000);
    expect(counted.map(({ counter }) => counter)).not.toContain('missed');
    expect(writes[0]?.row.missed).toBe(true);
  });
});
