import { describe, expect, it } from 'vitest';
import type { PassSpec } from '../ports/connector.js';
import type { MirrorView } from './effects.js';
import { ENGINE_RULES } from './engine-rules.js';
import { contentHash, parseExact } from './exact-json.js';
import { NEW_FACTS, type MirrorRow, type ResourceFacts } from './model.js';
import type { PlanContext } from './plan-context.js';
import { planPage, readRow } from './plan-page.js';

const T = 1_795_000_000_000;
const ref = { tenantId: 't', resource: 'client', recordId: '1' };
const pass: PassSpec = {
  name: 'reconcile',
  everySeconds: 900,
  reads: 'changed',
  cause: 'reconcile',
  provesAbsence: false,
  firstReading: false,
};
const context: PlanContext = {
  now: T,
  rules: ENGINE_RULES,
  spec: {
    name: 'client',
    hasDetail: true,
    modifiedMember: 'modified',
    volatileMembers: [],
    passes: [pass],
    hasNotices: true,
  },
  origin: { vendor: 'provet', source: 'https://h/1/', urlOf: () => 'https://h/1/client/1/' },
  settings: { previous: false, maxBytes: 900_000 },
  runId: 'run',
};
const live: ResourceFacts = { ...NEW_FACTS, liveAt: T - 3_600_000 };
const hashOf = (text: string) => contentHash(parseExact(text));
const mirror = (text: string, over: Partial<MirrorRow> = {}): MirrorRow => ({
  ...ref,
  version: T - 5,
  deleted: false,
  hash: hashOf(text),
  listHash: null,
  modifiedAt: Date.parse((JSON.parse(text) as { modified: string }).modified),
  readSeq: 5n,
  readAt: null,
  lastNoticeAt: null,
  missed: false,
  change: 'updated',
  changedFields: [],
  previous: null,
  previousVersion: null,
  lineage: { cause: 'notice', trigger: 1, noticedAt: null, fetchedAt: '', committedAt: '', runId: '' },
  source: 's',
  omitted: null,
  whole: null,
  ...over,
});

function plan(listText: string, row: MirrorRow | null, body: string | null, over: Partial<MirrorView> = {}) {
  const view: MirrorView = {
    row: () => row,
    body: () => body,
    facts: () => live,
    liveRecords: () => 1,
    noticesKnown: () => true,
    consumedAsOf: null,
    ...over,
  };
  const rows = [readRow('t', { recordId: '1', text: listText }, context.spec)];
  const page = {
    cause: pass.cause,
    pass: pass.name,
    runId: 'pass-run',
    rows,
    absent: [],
    readSeq: 9n,
    readAt: T,
    noticedAt: () => null,
  };
  return planPage(page, 't', view, context);
}

const at = (ms: number) => new Date(T - ms).toISOString();
const list = (ms: number, name = 'A') => JSON.stringify({ id: 1, name, modified: at(ms) });
const detail = (ms: number, name = 'A') => JSON.stringify({ id: 1, name, modified: at(ms), more: 1 });

describe('planPage', () => {
  it('passes over a row that the mirror knows', () => {
    const row = mirror(detail(600_000), { listHash: hashOf(list(600_000)) });
    expect(plan(list(600_000), row, null)).toMatchObject({ writes: [], raised: [] });
  });

  it('fetches nothing for a record that its notice has brought already', () => {
    const { writes, raised } = plan(list(600_000), mirror(detail(600_000)), detail(600_000));
    expect(raised).toEqual([]);
    expect(writes).toMatchObject([{ publish: false, row: { listHash: hashOf(list(600_000)) } }]);
  });

  it('fetches a record whose list row differs although its time of change does not', () => {
    const { writes, raised } = plan(list(600_000, 'B'), mirror(detail(600_000)), detail(600_000), { consumedAsOf: T });
    expect(writes).toEqual([]);
    expect(raised).toMatchObject([{ recordId: '1', cause: 'reconcile', nextAttemptAt: T, runId: 'pass-run' }]);
  });

  it('leaves a row alone that was read before what the mirror holds', () => {
    const row = mirror(detail(600_000), { readSeq: 10n });
    expect(plan(list(500_000, 'B'), row, detail(600_000))).toMatchObject({ writes: [], raised: [] });
  });

  it('does not fetch a young difference before its notice had its time', () => {
    const { raised } = plan(list(10_000, 'B'), mirror(detail(600_000)), detail(600_000));
    expect(raised).toMatchObject([{ nextAttemptAt: T + 50_000, detail: { deferredSince: T } }]);
  });

  it('does not fetch an older one before the notice topic was read far enough', () => {
    const effects = plan(list(600_000, 'B'), null, null);
    expect(effects.awaitNotices).toBe(T - 540_000);
    expect(effects.raised).toMatchObject([{ detail: { awaitAfter: T - 540_000 } }]);
  });

  it('takes the row for the record once the list form was learnt to be complete', () => {
    const facts = { ...live, listForm: 'complete' as const, listLearntAt: T };
    const effects = plan(list(600_000, 'B'), mirror(list(700_000)), list(700_000), {
      facts: () => facts,
      consumedAsOf: T,
    });
    expect(effects.raised).toEqual([]);
    expect(effects.counted).toEqual([
      { counter: 'missed', by: 1, trigger: null },
      { counter: 'healed', by: 1 },
    ]);
    expect(effects.writes).toMatchObject([
      { publish: true, row: { missed: true, changedFields: ['/name', '/modified'], lineage: { cause: 'reconcile' } } },
    ]);
  });

  it('learns the list form again after a day', () => {
    const facts = { ...live, listForm: 'complete' as const, listLearntAt: T - 86_400_001 };
    const effects = plan(list(600_000, 'B'), null, null, { facts: () => facts });
    expect(effects.facts).toMatchObject({ listForm: 'learning', listSamples: 0 });
    expect(effects.raised).toHaveLength(1);
  });
});
