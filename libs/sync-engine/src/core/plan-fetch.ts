import { addConsequences } from './consequences.js';
import { duplicatesOf, noEffects, type Effects, type MirrorView } from './effects.js';
import { formHash, parseExact } from './exact-json.js';
import type { MirrorRow, PendingEntry, ResourceFacts } from './model.js';
import { judgeMissed, type MissedVerdict } from './missed.js';
import { missedTriggerOfText } from './missed-trigger.js';
import { isAlias } from './merges.js';
import { countMissed } from './pace.js';
import { planAlias } from './plan-alias.js';
import type { PlanContext } from './plan-context.js';
import { changeOf, decideRecord, latest, type RecordDecision, type Sighting } from './record-decision.js';
import { versionOf } from './record-version.js';

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
  // What is older than the mirror has to be seen twice, whatever it says.
  if (isAlias(spec, sighting.text) && decision.kind !== 'overtaken' && decision.kind !== 'older') {
    return planAlias(entry, sighting.fetchedAt, readSeq, view, context);
  }
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
      if (decision.missed) {
        const known = view.facts(entry.tenantId, entry.resource);
        countMissed(effects, 1, missedTriggerOfText(spec, sighting.text), known, context);
      }
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
          whole: spec.wholeOf?.(sighting.text) ?? null,
        }),
        body: { kind: 'set', text: sighting.text },
        publish: true,
      });
      // A first reading meets the parts in their own lists.
      if (decision.change !== 'snapshot') {
        const whole = { ref: entry, oldBody: view.body(entry), newBody: sighting.text };
        addConsequences(effects, whole, view, context);
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

/** Whose a miss was that is counted, or taken back, after its version was made: by that version's own text. */
function triggerMissed(entry: PendingEntry, sighting: Sighting, view: MirrorView, { spec }: PlanContext) {
  return missedTriggerOfText(spec, view.body(entry) ?? sighting.text);
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
  const late = noticed && row.missed;
  const facts = view.facts(entry.tenantId, entry.resource);
  if (late) {
    const trigger = triggerMissed(entry, sighting, view, context);
    effects.counted.push({ counter: 'late', by: 1, trigger });
    countMissed(effects, -1, trigger, facts, context);
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
      // Of rows that were written before wholes were kept.
      whole: context.spec.wholeOf?.(sighting.text) ?? row.whole,
    },
    body: { kind: 'keep' },
    publish: false,
  });
  switch (verdict?.kind) {
    case 'missed':
      countMissed(effects, 1, triggerMissed(entry, sighting, view, context), facts, context);
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
  if (noticed) effects.counted.push(duplicatesOf(entry));
  effects.served.push({ entry });
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
