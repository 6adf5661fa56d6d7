import { describe, expect, it } from 'vitest';
import type { ResourceSpec } from '../ports/connector.js';
import type { MirrorView } from './effects.js';
import { ENGINE_RULES } from './engine-rules.js';
import { contentHash, parseExact } from './exact-json.js';
import { NEW_FACTS, type MirrorRow, type PendingEntry, type ResourceFacts } from './model.js';
import type { PlanContext } from './plan-context.js';
import { planFound } from './plan-fetch.js';
import { planGone } from './plan-gone.js';
import { planPage, readRow } from './plan-page.js';

const T = 1_795_000_000_000;
const ref = { tenantId: 't', resource: 'invoice', recordId: '1' };
const spec: ResourceSpec = {
  name: 'invoice',
  hasDetail: true,
  modifiedMember: 'modified',
  volatileMembers: [],
  passes: [],
  hasNotices: true,
  partsOf: (text) => (JSON.parse(text) as { rows: string[] }).rows.map((recordId) => ({ resource: 'row', recordId })),
};
const context: PlanContext = {
  now: T,
  rules: ENGINE_RULES,
  spec,
  origin: { vendor: 'provet', source: 's', urlOf: () => 'u' },
  settings: { previous: false, maxBytes: 900_000 },
  runId: 'run',
};
const invoice = (rows: string[], total = 0) =>
  JSON.stringify({ rows, total, modified: new Date(T - 60_000 + total).toISOString() });
const hashOf = (text: string) => contentHash(parseExact(text));
const mirror = (text: string): MirrorRow => ({
  ...ref,
  version: T - 5,
  readAt: null,
  deleted: false,
  hash: hashOf(text),
  listHash: null,
  modifiedAt: T - 60_000,
  readSeq: 5n,
  lastNoticeAt: null,
  missed: false,
  change: 'updated',
  changedFields: [],
  previous: null,
  previousVersion: null,
  lineage: { cause: 'notice', trigger: 9, noticedAt: null, fetchedAt: '', committedAt: '', runId: '' },
  source: 's',
  omitted: null,
  whole: null,
});
const entry: PendingEntry = {
  ...ref,
  generation: 1,
  cause: 'notice',
  trigger: 9,
  deleteTrigger: false,
  firstNoticeAt: T,
  lastNoticeAt: T,
  notices: 1,
  attempts: 0,
  nextAttemptAt: T,
  parked: false,
  pass: null,
  runId: null,
  detail: {},
};
const live: ResourceFacts = { ...NEW_FACTS, liveAt: T - 3_600_000, listForm: 'complete', listLearntAt: T };

function viewOf(body: string | null, facts = live): MirrorView {
  return {
    row: () => (body === null ? null : mirror(body)),
    body: () => body,
    facts: () => facts,
    liveRecords: () => 100,
    noticesKnown: () => true,
    consumedAsOf: T,
  };
}

function found(text: string, body: string | null, facts = live) {
  const sighting = { text, hash: hashOf(text), modifiedAt: T - 60_000, fetchedAt: T };
  return planFound(entry, sighting, 9n, viewOf(body, facts), context);
}
const raisedBy = (effects: { raised: readonly { resource: string; recordId: string }[] }) =>
  effects.raised.map(({ resource, recordId }) => `${resource}/${recordId}`);

describe('the parts of a record with a new version', () => {
  it('are read again: those that it lists and those that it listed before, each once', () => {
    expect(raisedBy(found(invoice(['7', '8'], 1), invoice(['6', '7'])))).toEqual(['row/6', 'row/7', 'row/8']);
  });

  it('are polled for, whatever announced the record', () => {
    const [part] = found(invoice(['7'], 1), invoice([])).raised;
    expect(part).toMatchObject({ tenantId: 't', cause: 'poll', trigger: null, notices: 0, nextAttemptAt: T });
  });

  it('are left to their own lists while the record is read for the first time', () => {
    expect(raisedBy(found(invoice(['7']), null, NEW_FACTS))).toEqual([]);
    expect(raisedBy(found(invoice(['7']), null))).toEqual(['row/7']);
  });

  it('are left alone while nothing has changed', () => {
    expect(raisedBy(found(invoice(['7']), invoice(['7'])))).toEqual([]);
  });

  it('are looked for when it is gone', () => {
    expect(raisedBy(planGone(entry, 9n, T, viewOf(invoice(['7'])), context))).toEqual(['row/7']);
  });

  it('are read again when a page shows the change', () => {
    const rows = [readRow('t', { recordId: '1', text: invoice(['8'], 1) }, { ...spec, hasNotices: false })];
    const noticedAt = () => null;
    const of = { cause: 'poll', pass: 'sweep', runId: null } as const;
    const page = { ...of, rows, absent: [], noticedAt, readSeq: 9n, readAt: T };
    const effects = planPage(page, 't', viewOf(invoice(['7'])), { ...context, spec: { ...spec, hasNotices: false } });
    expect(raisedBy(effects)).toEqual(['row/7', 'row/8']);
  });
});
