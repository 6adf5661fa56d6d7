import type { VersionCause } from '@relay/contracts';
import { addConsequences } from './consequences.js';
import { countDeletion, mayDelete } from './deletion.js';
import { duplicatesOf, noEffects, type Effects, type MirrorView } from './effects.js';
import type { PendingEntry, ResourceFacts } from './model.js';
import type { PlanContext } from './plan-context.js';
import { tombstoneOf } from './record-version.js';

/** Far enough that nothing wakes for it: a held deletion waits for a person, not for the clock. */
export const NEVER = 253_402_300_799_000;

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
  // Also when this very reading was committed, and the answer lost: nothing of it counts twice.
  const isOvertaken = row !== null && readSeq <= row.readSeq;
  if (row === null || row.deleted || isOvertaken) {
    if (entry.lastNoticeAt !== null && !isOvertaken) effects.counted.push(duplicatesOf(entry));
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
  addConsequences(effects, { ref: entry, oldBody: view.body(entry), newBody: null }, view, context);
  return effects;
}

export function causeOfAbsence(entry: PendingEntry, facts: ResourceFacts): VersionCause {
  if (entry.cause === 'notice') return 'notice';
  return facts.liveAt === null ? 'backfill' : entry.cause;
}
