import type { VersionCause } from '@relay/contracts';
import type { PageRow } from '../ports/call-outcomes.js';
import { addConsequences } from './consequences.js';
import { noEffects, raisedAt, type Effects, type MirrorView, type Raised } from './effects.js';
import { contentHash, formHash, isPartOf, parseExact, without, type ExactJson } from './exact-json.js';
import { judgeMissed } from './missed.js';
import { missedTriggerOf } from './missed-trigger.js';
import type { MirrorRow, PassName, PendingDetail, RecordRef, ResourceFacts } from './model.js';
import { countMissed } from './pace.js';
import type { PlanContext } from './plan-context.js';
import { isAlias, isKnownAlias } from './merges.js';
import { decideRecord } from './record-decision.js';
import { isReadTooEarly } from './reread.js';
import { versionOf } from './record-version.js';
import { modifiedOf } from './vendor-time.js';
import { isOnlyPast } from './window-absence.js';

/** A row of a page, read once. */
export interface ReadRow {
  readonly ref: RecordRef;
  readonly text: string;
  readonly value: ExactJson;
  readonly hash: string;
  readonly modifiedAt: number | null;
}

export interface ReadPage {
  /** Cause of what it finds after the resource is live. */
  readonly cause: VersionCause;
  /** The pass that it belongs to, and its run; null = none. */
  readonly pass: PassName | null;
  readonly runId: string | null;
  readonly rows: readonly ReadRow[];
  /** Records of the mirror that should have been met and were not. */
  readonly absent: readonly string[];
  readonly readSeq: bigint;
  readonly readAt: number;
  /** Last page of a window pass: what it has read, and where else its records may be. */
  readonly spans?: readonly (readonly [from: number, to: number])[];
  readonly isHandedOn?: boolean;
  readonly metElsewhere?: ReadonlySet<string>;
  /** When a record that still waits to be fetched was last announced. */
  noticedAt(recordId: string): number | null;
}

export function readRow(tenantId: string, row: PageRow, spec: PlanContext['spec']): ReadRow {
  const value = parseExact(row.text);
  return {
    ref: { tenantId, resource: spec.name, recordId: row.recordId },
    text: row.text,
    value,
    hash: contentHash(without(value, spec.volatileMembers)),
    modifiedAt: modifiedOf(value, spec.modifiedMember),
  };
}

/** What a page changes, beside the place where its reading goes on. */
export function planPage(page: ReadPage, tenantId: string, view: MirrorView, context: PlanContext): Effects {
  const effects = noEffects();
  const facts = refreshed(view.facts(tenantId, context.spec.name), context);
  const cause = facts.liveAt === null ? 'backfill' : page.cause;
  effects.facts = facts;
  for (const row of page.rows) planRow(effects, row, page, facts, cause, view, context);
  for (const recordId of page.absent) {
    const ref = { tenantId, resource: context.spec.name, recordId };
    if (isExpectedAway(ref, page, view, context)) continue;
    effects.raised.push(raise(ref, page, cause, context.now, {}));
  }
  return effects;
}

function isExpectedAway(ref: RecordRef, page: ReadPage, view: MirrorView, { spec }: PlanContext): boolean {
  const { spans, isHandedOn = false, metElsewhere = NOBODY } = page;
  const body = view.body(ref);
  if (spans === undefined || spec.placedBy === undefined || body === null) return false;
  const placedAt = modifiedOf(parseExact(body), spec.placedBy);
  return isOnlyPast(ref.recordId, placedAt, spans, { isHandedOn, metElsewhere });
}

const NOBODY: ReadonlySet<string> = new Set();

function planRow(
  effects: Effects,
  read: ReadRow,
  page: ReadPage,
  facts: ResourceFacts,
  cause: VersionCause,
  view: MirrorView,
  context: PlanContext,
): void {
  const row = view.row(read.ref);
  if (context.spec.listShows === 'presence') {
    if (row === null || page.readSeq > row.readSeq) effects.raised.push(raise(read.ref, page, cause, context.now, {}));
    return;
  }
  if (isAlias(context.spec, read.text)) {
    // It has gone: what the mirror has of it is asked for once more, what it never had stays away.
    if (row !== null && !row.deleted) effects.raised.push(raise(read.ref, page, cause, context.now, {}));
    return;
  }
  const tooEarly = row !== null && isReadTooEarly(row, facts);
  if (!tooEarly && isKnownAlias(row, read.hash)) return;
  if (row !== null && !row.deleted && row.listHash === read.hash && !tooEarly) return;
  if (row !== null && page.readSeq <= row.readSeq) return;
  if (!context.spec.hasDetail || facts.listForm === 'complete') {
    planWholeRow(effects, read, page, facts, cause, view, context);
    return;
  }
  if (row !== null && !row.deleted && !tooEarly && shownBy(read, row, view.body(read.ref))) {
    effects.writes.push({ row: { ...row, listHash: read.hash }, body: { kind: 'keep' }, publish: false });
    return;
  }
  const learning: PendingDetail =
    facts.listForm === 'learning'
      ? { formHash: formHash(read.value, context.spec.volatileMembers), listModifiedAt: read.modifiedAt }
      : {};
  const detail: PendingDetail = { listHash: read.hash, ...learning };
  const raised = raise(read.ref, page, cause, context.now, detail);
  effects.raised.push({ ...raised, ...timing(effects, read, row, facts, detail, view, context) });
}

/** The list row is the record. */
function planWholeRow(
  effects: Effects,
  read: ReadRow,
  page: ReadPage,
  facts: ResourceFacts,
  cause: VersionCause,
  view: MirrorView,
  context: PlanContext,
): void {
  const { now, rules, spec } = context;
  const row = view.row(read.ref);
  const sighting = { text: read.text, hash: read.hash, modifiedAt: read.modifiedAt, fetchedAt: page.readAt };
  const decision = decideRecord({
    now,
    rules,
    row,
    sighting,
    readSeq: page.readSeq,
    facts,
    cause,
    hasNotices: spec.hasNotices,
    noticesKnown: view.noticesKnown(read.ref.tenantId, read.ref.resource),
    consumedAsOf: view.consumedAsOf,
    lastNoticeAt: page.noticedAt(read.ref.recordId),
    detail: {},
  });
  const wait = (nextAttemptAt: number, detail: PendingDetail): void => {
    effects.raised.push({ ...raise(read.ref, page, cause, now, { listHash: read.hash, ...detail }), nextAttemptAt });
  };
  switch (decision.kind) {
    case 'overtaken':
    case 'unchanged':
      return;
    case 'older':
      wait(now + rules.olderAnswerMs, { olderHash: read.hash });
      return;
    case 'look-again':
      wait(decision.at, { deferredSince: now });
      return;
    case 'await-notices':
      effects.awaitNotices = Math.max(effects.awaitNotices ?? 0, decision.askedAfter);
      wait(now, { deferredSince: now, awaitAfter: decision.askedAfter });
      return;
    case 'changed':
      break;
    default:
      decision satisfies never;
      return;
  }
  if (decision.missed) countMissed(effects, 1, missedTriggerOf(spec, read.value), facts, context);
  if (row === null || row.deleted) effects.counted.push({ counter: 'records', by: 1 });
  const { change, missed } = decision;
  effects.writes.push({
    row: versionOf({
      ref: read.ref,
      row,
      oldBody: view.body(read.ref),
      sighting,
      readSeq: page.readSeq,
      change,
      cause: decision.cause,
      missed,
      trigger: null,
      noticedAt: null,
      runId: page.runId ?? context.runId,
      listHash: read.hash,
      volatileMembers: spec.volatileMembers,
      now,
      origin: context.origin,
      settings: context.settings,
      whole: spec.wholeOf?.(read.text) ?? null,
    }),
    body: { kind: 'set', text: read.text },
    publish: true,
  });
  if (change === 'snapshot') return;
  const whole = { ref: read.ref, oldBody: view.body(read.ref), newBody: read.text };
  addConsequences(effects, whole, view, context);
}

/** A mirror record fetched for a notice: the list shows the same state when all that it shows is in the mirror's text. */
function shownBy(read: ReadRow, row: MirrorRow, body: string | null): boolean {
  if (row.listHash !== null || body === null) return false;
  return row.modifiedAt !== null && row.modifiedAt === read.modifiedAt && isPartOf(read.value, parseExact(body));
}

/** A difference that may still turn out to be announced is not even fetched before that is known. */
function timing(
  effects: Effects,
  read: ReadRow,
  row: MirrorRow | null,
  facts: ResourceFacts,
  detail: PendingDetail,
  view: MirrorView,
  { now, rules, spec }: PlanContext,
): Pick<Raised, 'nextAttemptAt' | 'detail'> {
  const asItIs = { nextAttemptAt: now, detail };
  if (facts.liveAt === null || !spec.hasNotices) return asItIs;
  const verdict = judgeMissed({
    now,
    graceMs: rules.graceMs,
    modifiedAt: read.modifiedAt,
    liveAt: facts.liveAt,
    lastNoticeAt: row?.lastNoticeAt ?? null,
    noticesKnown: view.noticesKnown(read.ref.tenantId, read.ref.resource),
    consumedAsOf: view.consumedAsOf,
    deferredSince: null,
  });
  switch (verdict.kind) {
    case 'missed':
    case 'polled':
      return asItIs;
    case 'look-again':
      return { nextAttemptAt: verdict.at, detail: { ...detail, deferredSince: now } };
    case 'await-notices':
      effects.awaitNotices = Math.max(effects.awaitNotices ?? 0, verdict.askedAfter);
      return { nextAttemptAt: now, detail: { ...detail, deferredSince: now, awaitAfter: verdict.askedAfter } };
    default:
      return verdict satisfies never;
  }
}

function raise(ref: RecordRef, page: ReadPage, cause: VersionCause, now: number, detail: PendingDetail): Raised {
  return raisedAt(now, ref, cause, { pass: page.pass, runId: page.runId, detail });
}

/** What was learnt about the list form is believed for a day. */
function refreshed(facts: ResourceFacts, { now, rules }: PlanContext): ResourceFacts {
  if (facts.listForm === 'learning' || facts.listLearntAt === null || now - facts.listLearntAt < rules.relearnMs) {
    return facts;
  }
  return { ...facts, listForm: 'learning', listSamples: 0, listLearntAt: null };
}
