import type { VersionCause } from '@relay/contracts';
import type { ResourceSpec } from '../ports/connector.js';
import { countDeletion, mayDelete } from './deletion.js';
import { noEffects, type Effects, type MirrorView } from './effects.js';
import type { EngineRules } from './engine-rules.js';
import { formHash, parseExact } from './exact-json.js';
import type { MirrorRow, PendingEntry, ResourceFacts } from './model.js';
import { raisedParts } from './parts.js';
import { decideRecord, latest, type Sighting } from './record-decision.js';
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
  const decision = decideRecord({
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
  });
  switch (decision.kind) {
    case 'overtaken':
      effects.served.push({ entry });
      return effects;
    case 'unchanged':
      planUnchanged(effects, entry, sighting, readSeq, row as MirrorRow, context);
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
      effects.served.push({ entry });
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

/** Nothing new: a duplicate, a notice before its change was visible, or a late notice of a change that was healed. */
function planUnchanged(
  effects: Effects,
  entry: PendingEntry,
  sighting: Sighting,
  readSeq: bigint,
  row: MirrorRow,
  { now, rules }: PlanContext,
): void {
  const noticed = entry.lastNoticeAt !== null;
  const late = noticed && row.missed;
  if (late) {
    effects.counted.push({ counter: 'late', by: 1 }, { counter: 'missed', by: -1 }, { counter: 'healed', by: -1 });
  }
  const listHash = entry.cause === 'notice' ? row.listHash : (entry.detail.listHash ?? row.listHash);
  const lastNoticeAt = latest(row.lastNoticeAt, entry.lastNoticeAt);
  // Always written: a page that was asked for before this reading must not overwrite what it has just confirmed.
  effects.writes.push({
    row: { ...row, readSeq, missed: late ? false : row.missed, listHash, lastNoticeAt },
    body: { kind: 'keep' },
    publish: false,
  });
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
    facts.heldAt === null && mayDelete(facts.deletions, now, view.liveRecords(entry.tenantId, entry.resource));
  if (!allowed) {
    effects.facts = { ...facts, heldAt: facts.heldAt ?? now };
    effects.delayed.push({ entry, nextAttemptAt: NEVER, detail: { ...entry.detail, held: true } });
    return effects;
  }
  effects.facts = { ...facts, deletions: countDeletion(facts.deletions, now) };
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
