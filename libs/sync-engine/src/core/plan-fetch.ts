import type { VersionCause } from '@relay/contracts';
import type { ResourceSpec } from '../ports/connector.js';
import { countDeletion, mayDelete } from './deletion.js';
import { noEffects, type Effects, type MirrorView } from './effects.js';
import type { EngineRules } from './engine-rules.js';
import { formHash, parseExact } from './exact-json.js';
import type { MirrorRow, PendingEntry, ResourceFacts } from './model.js';
import { judgeMissed, mayAnnounce, type MissedVerdict } from './missed.js';
import { raisedParts } from './parts.js';
import { changeOf, decideRecord, latest, type RecordDecision, type Sighting } from './record-decision.js';
import { tombstoneOf, versionOf, type EventOrigin, type EventSettings } from './record-version.js';

/** Far enough that nothing wakes for it: a held deletion waits for a person, not for the clock. */
export const NEVER = 253_402_300_799_000;

export interface PlanContext {
  readonly now: number;
  readonly rules: EngineRules;
  readonly spec: ResourceSpec;
  readonly origin: EventOrigin;
  readonly settings: EventSettings;
  /** Names the run in which a version was made, where no pass has given its own. */
  readonly runId: string;
}

/** What the answer to a fetch changes. */
export function planFound(
  entry: PendingEntry,
  sighting: Sighting,
  readSeq: bigint,
  view: MirrorView,
  context: PlanContext,
): Effects {
  const { now, rules, spec } = context;
  const effects = noEffects();
  const row = view.row(entry);
  const facts = learnt(entry, sighting, view.facts(entry.tenantId, entry.resource), context);
  if (facts !== null) effects.facts = facts;
  const decision = publishedNow(
    entry,
    row,
    view,
    decideRecord({
      now,
      rules,
      row,
      sighting,
      readSeq,
      facts: view.facts(entry.tenantId, entry.resource),
      cause: entry.cause,
      hasNotices: spec.hasNotices,
      noticesKnown: view.noticesKnown(entry.tenantId, entry.resource),
      consumedAsOf: view.consumedAsOf,
      lastNoticeAt: entry.lastNoticeAt,
      detail: entry.detail,
    }),
  );
  switch (decision.kind) {
    case 'overtaken':
      effects.served.push({ entry });
      return effects;
    case 'unchanged':
      planUnchanged(effects, entry, sighting, readSeq, row as MirrorRow, view, context);
      return effects;
    case 'older':
      effects.delayed.push({
        entry,
        nextAttemptAt: now + rules.olderAnswerMs,
        detail: { ...entry.detail, olderHash: sighting.hash },
      });
      return effects;
    case 'look-again':
      effects.delayed.push({ entry, nextAttemptAt: decision.at, detail: deferred(entry, now) });
      return effects;
    case 'await-notices':
      effects.awaitNotices = decision.askedAfter;
      effects.delayed.push({
        entry,
        nextAttemptAt: now,
        detail: { ...deferred(entry, now), awaitAfter: decision.askedAfter },
      });
      return effects;
    case 'changed':
      if (decision.judgeAt === undefined) effects.served.push({ entry });
      else effects.delayed.push({ entry, nextAttemptAt: decision.judgeAt, detail: unjudged(entry, now) });
      if (decision.missed) effects.counted.push({ counter: 'missed', by: 1 }, { counter: 'healed', by: 1 });
      if (row === null || row.deleted) effects.counted.push({ counter: 'records', by: 1 });
      if (entry.trigger === 'any') effects.noticesDelivered = true;
      effects.writes.push({
        row: versionOf({
          ref: { tenantId: entry.tenantId, resource: entry.resource, recordId: entry.recordId },
          row,
          oldBody: view.body(entry),
          sighting,
          readSeq,
          change: decision.change,
          cause: decision.cause,
          missed: decision.missed,
          trigger: entry.trigger,
          noticedAt: entry.lastNoticeAt,
          runId: entry.runId ?? context.runId,
          listHash: entry.cause === 'notice' ? null : (entry.detail.listHash ?? null),
          volatileMembers: spec.volatileMembers,
          now,
          origin: context.origin,
          settings: context.settings,
        }),
        body: { kind: 'set', text: sighting.text },
        publish: true,
      });
      // A first reading meets the parts in their own lists.
      if (decision.change !== 'snapshot') {
        effects.raised.push(
          ...raisedParts(spec, { ref: entry, oldBody: view.body(entry), newBody: sighting.text }, now),
        );
      }
      return effects;
    default:
      return decision satisfies never;
  }
}

type Published = Extract<RecordDecision, { kind: 'changed' }> & { readonly judgeAt?: number };

/**
 * An operator who asks for a record gets it published at once, also where a check would wait to see whether its notice comes.
 * Whether that was missed is judged when it can be known.
 */
function publishedNow(
  entry: PendingEntry,
  row: MirrorRow | null,
  view: MirrorView,
  decision: RecordDecision,
): Exclude<RecordDecision, { kind: 'changed' }> | Published {
  if (entry.detail.asked?.kind !== 'verify') return decision;
  if (decision.kind !== 'look-again' && decision.kind !== 'await-notices') return decision;
  const change = changeOf(row, view.facts(entry.tenantId, entry.resource));
  const judgeAt = decision.kind === 'look-again' ? decision.at : decision.askedAfter;
  return { kind: 'changed', change, cause: 'reconcile', missed: false, judgeAt };
}

function unjudged(entry: PendingEntry, now: number): PendingEntry['detail'] {
  const { asked: _asked, ...detail } = deferred(entry, now);
  return { ...detail, unjudged: true };
}

/** Was the change that an operator's question has published a missed one? */
function judgeAfterwards(
  entry: PendingEntry,
  sighting: Sighting,
  row: MirrorRow,
  view: MirrorView,
  { now, rules }: PlanContext,
): MissedVerdict {
  return judgeMissed({
    now,
    graceMs: rules.graceMs,
    modifiedAt: sighting.modifiedAt,
    liveAt: view.facts(entry.tenantId, entry.resource).liveAt,
    lastNoticeAt: latest(row.lastNoticeAt, entry.lastNoticeAt),
    noticesKnown: view.noticesKnown(entry.tenantId, entry.resource),
    consumedAsOf: view.consumedAsOf,
    deferredSince: entry.detail.deferredSince ?? null,
  });
}

/** Nothing new: a duplicate, a notice before its change was visible, or a late notice of a change that was healed. */
function planUnchanged(
  effects: Effects,
  entry: PendingEntry,
  sighting: Sighting,
  readSeq: bigint,
  row: MirrorRow,
  view: MirrorView,
  context: PlanContext,
): void {
  const { now, rules } = context;
  const noticed = entry.lastNoticeAt !== null;
  const late = entry.lastNoticeAt !== null && row.missed && mayAnnounce(entry.lastNoticeAt, row.modifiedAt);
  if (late) {
    effects.counted.push({ counter: 'late', by: 1 }, { counter: 'missed', by: -1 }, { counter: 'healed', by: -1 });
  }
  const listHash = entry.cause === 'notice' ? row.listHash : (entry.detail.listHash ?? row.listHash);
  const lastNoticeAt = latest(row.lastNoticeAt, entry.lastNoticeAt);
  const verdict =
    entry.detail.unjudged === true && !noticed ? judgeAfterwards(entry, sighting, row, view, context) : null;
  // Always written: a page that was asked for before this reading must not overwrite what it has just confirmed.
  effects.writes.push({
    row: {
      ...row,
      readSeq,
      readAt: sighting.fetchedAt,
      missed: late ? false : row.missed || verdict?.kind === 'missed',
      listHash,
      lastNoticeAt,
    },
    body: { kind: 'keep' },
    publish: false,
  });
  switch (verdict?.kind) {
    case 'missed':
      effects.counted.push({ counter: 'missed', by: 1 }, { counter: 'healed', by: 1 });
      break;
    case 'look-again':
      effects.delayed.push({ entry, nextAttemptAt: verdict.at, detail: deferred(entry, now) });
      return;
    case 'await-notices':
      effects.awaitNotices = verdict.askedAfter;
      effects.delayed.push({
        entry,
        nextAttemptAt: now,
        detail: { ...deferred(entry, now), awaitAfter: verdict.askedAfter },
      });
      return;
    case 'polled':
    case undefined:
      break;
    default:
      verdict satisfies never;
  }
  const looks = entry.detail.looks ?? 0;
  const lookIn = rules.visibilityLooksMs[looks];
  const early =
    entry.cause === 'notice' &&
    entry.lastNoticeAt !== null &&
    sighting.modifiedAt !== null &&
    entry.lastNoticeAt - sighting.modifiedAt > rules.visibilityGapMs;
  if (early && !late && lookIn !== undefined) {
    effects.delayed.push({ entry, nextAttemptAt: now + lookIn, detail: { ...entry.detail, looks: looks + 1 } });
    return;
  }
  if (noticed) effects.counted.push({ counter: 'duplicates', by: entry.notices });
  effects.served.push({ entry });
}

/** The record is absent and that has been confirmed as far as `judgeAbsence` asks: delete it, unless that needs a person. */
export function planGone(
  entry: PendingEntry,
  readSeq: bigint,
  fetchedAt: number,
  view: MirrorView,
  context: PlanContext,
): Effects {
  const { now } = context;
  const effects = noEffects();
  const row = view.row(entry);
  if (row === null || row.deleted) {
    if (entry.lastNoticeAt !== null) effects.counted.push({ counter: 'duplicates', by: entry.notices });
    effects.served.push({ entry });
    return effects;
  }
  if (readSeq <= row.readSeq) {
    effects.served.push({ entry });
    return effects;
  }
  const facts = view.facts(entry.tenantId, entry.resource);
  const allowed =
    entry.detail.released === true ||
    (facts.heldAt === null && mayDelete(facts.deletions, now, view.liveRecords(entry.tenantId, entry.resource)));
  if (!allowed) {
    effects.facts = { ...facts, heldAt: facts.heldAt ?? now };
    const { asked: _asked, ...detail } = entry.detail;
    effects.delayed.push({ entry, nextAttemptAt: NEVER, detail: { ...detail, held: true } });
    return effects;
  }
  // What a person has approved says nothing about what is plausible.
  if (entry.detail.released !== true) effects.facts = { ...facts, deletions: countDeletion(facts.deletions, now) };
  effects.counted.push({ counter: 'deleted', by: 1 }, { counter: 'records', by: -1 });
  effects.served.push({ entry });
  const at = { now, fetchedAt, readSeq, cause: causeOfAbsence(entry, facts) };
  const notice = { trigger: entry.trigger, noticedAt: entry.lastNoticeAt, runId: entry.runId ?? context.runId };
  effects.writes.push({ row: tombstoneOf(row, at, notice), body: { kind: 'drop' }, publish: true });
  effects.raised.push(...raisedParts(context.spec, { ref: entry, oldBody: view.body(entry), newBody: null }, now));
  return effects;
}

function causeOfAbsence(entry: PendingEntry, facts: ResourceFacts): VersionCause {
  if (entry.cause === 'notice') return 'notice';
  return facts.liveAt === null ? 'backfill' : entry.cause;
}

function deferred(entry: PendingEntry, now: number): PendingEntry['detail'] {
  return { ...entry.detail, deferredSince: entry.detail.deferredSince ?? now };
}

/** A record read in both forms: does the list form show everything? Null = nothing learnt. */
function learnt(
  entry: PendingEntry,
  sighting: Sighting,
  facts: ResourceFacts,
  { now, rules, spec }: PlanContext,
): ResourceFacts | null {
  const { formHash: ofList, listModifiedAt } = entry.detail;
  if (facts.listForm !== 'learning' || ofList === undefined) return null;
  // Changed between the two readings: says nothing about the forms.
  if ((listModifiedAt ?? null) !== sighting.modifiedAt) return null;
  if (ofList !== formHash(parseExact(sighting.text), spec.volatileMembers)) {
    return { ...facts, listForm: 'partial', listLearntAt: now };
  }
  const listSamples = facts.listSamples + 1;
  return listSamples < rules.listSamples
    ? { ...facts, listSamples }
    : { ...facts, listSamples, listForm: 'complete', listLearntAt: now };
}
