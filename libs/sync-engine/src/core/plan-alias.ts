import type { Effects, MirrorView } from './effects.js';
import { duplicatesOf, noEffects } from './effects.js';
import type { PendingEntry } from './model.js';
import type { PlanContext } from './plan-context.js';
import { causeOfAbsence, planGone } from './plan-gone.js';
import { firstTombstoneOf } from './record-version.js';

/**
 * A record that was read and says that it has become part of another one: it is deleted, by the rules for a deletion. Its
 * tombstone keeps how the list shows it, since the list form may not say what it is: it is not asked for again while the list
 * shows the same. One that the mirror never had gets a tombstone too, or every sweep would ask for it.
 */
export function planAlias(
  entry: PendingEntry,
  fetchedAt: number,
  readSeq: bigint,
  view: MirrorView,
  context: PlanContext,
): Effects {
  const row = view.row(entry);
  const listHash = entry.detail.listHash ?? row?.listHash ?? null;
  if (row !== null && !row.deleted) {
    const effects = planGone(entry, readSeq, fetchedAt, view, context);
    return { ...effects, writes: effects.writes.map((write) => ({ ...write, row: { ...write.row, listHash } })) };
  }
  const effects = noEffects();
  effects.served.push({ entry });
  if (row !== null) {
    if (entry.lastNoticeAt !== null) effects.counted.push(duplicatesOf(entry));
    if (row.listHash !== listHash) {
      effects.writes.push({ row: { ...row, listHash }, body: { kind: 'keep' }, publish: false });
    }
    return effects;
  }
  const { tenantId, resource, recordId } = entry;
  const cause = causeOfAbsence(entry, view.facts(tenantId, resource));
  const at = { now: context.now, fetchedAt, readSeq, cause };
  const notice = { trigger: entry.trigger, noticedAt: entry.lastNoticeAt, runId: entry.runId ?? context.runId };
  const tombstone = firstTombstoneOf({ tenantId, resource, recordId }, context.origin, at, notice);
  effects.counted.push({ counter: 'deleted', by: 1 });
  effects.writes.push({ row: { ...tombstone, listHash }, body: { kind: 'drop' }, publish: true });
  return effects;
}
