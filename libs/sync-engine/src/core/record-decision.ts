import type { RecordChange, VersionCause } from '@relay/contracts';
import type { EngineRules } from './engine-rules.js';
import { judgeMissed } from './missed.js';
import type { MirrorRow, PendingDetail, ResourceFacts } from './model.js';

/** A record as one answer of the vendor shows it. */
export interface Sighting {
  readonly text: string;
  readonly hash: string;
  readonly modifiedAt: number | null;
  readonly fetchedAt: number;
}

export interface RecordQuestion {
  readonly now: number;
  readonly rules: EngineRules;
  readonly row: MirrorRow | null;
  readonly sighting: Sighting;
  readonly readSeq: bigint;
  readonly facts: ResourceFacts;
  /** Why it was looked at. */
  readonly cause: VersionCause;
  readonly hasNotices: boolean;
  readonly noticesKnown: boolean;
  readonly consumedAsOf: number | null;
  readonly lastNoticeAt: number | null;
  readonly detail: PendingDetail;
}

export type RecordDecision =
  /** A reading that started later has already been committed. */
  | { readonly kind: 'overtaken' }
  | { readonly kind: 'unchanged' }
  /** Older than the mirror by the vendor's own clock: to be seen twice before it is believed. */
  | { readonly kind: 'older' }
  | { readonly kind: 'look-again'; readonly at: number }
  | { readonly kind: 'await-notices'; readonly askedAfter: number }
  | { readonly kind: 'changed'; readonly change: RecordChange; readonly cause: VersionCause; readonly missed: boolean };

/** What an answer means for the mirror. */
export function decideRecord(q: RecordQuestion): RecordDecision {
  const { row, sighting } = q;
  if (row !== null && q.readSeq <= row.readSeq) return { kind: 'overtaken' };
  if (row !== null && !row.deleted) {
    if (row.hash === sighting.hash) return { kind: 'unchanged' };
    const older = row.modifiedAt !== null && sighting.modifiedAt !== null && sighting.modifiedAt < row.modifiedAt;
    if (older && q.detail.olderHash !== sighting.hash) return { kind: 'older' };
  }
  const change = changeOf(row, q.facts);
  if (q.cause === 'notice' || q.cause === 'write') return { kind: 'changed', change, cause: q.cause, missed: false };
  if (q.facts.liveAt === null) return { kind: 'changed', change, cause: 'backfill', missed: false };
  if (!q.hasNotices) return { kind: 'changed', change, cause: q.cause, missed: false };
  const verdict = judgeMissed({
    now: q.now,
    graceMs: q.rules.graceMs,
    modifiedAt: sighting.modifiedAt,
    liveAt: q.facts.liveAt,
    lastNoticeAt: latest(q.lastNoticeAt, row?.lastNoticeAt ?? null),
    noticesKnown: q.noticesKnown,
    consumedAsOf: q.consumedAsOf,
    deferredSince: q.detail.deferredSince ?? null,
  });
  switch (verdict.kind) {
    case 'missed':
      return { kind: 'changed', change, cause: causeOfMissed(q.cause), missed: true };
    case 'polled':
      return { kind: 'changed', change, cause: 'poll', missed: false };
    case 'look-again':
    case 'await-notices':
      return verdict;
    default:
      return verdict satisfies never;
  }
}

/** What another record has led to can be missed as well: it is no record that nobody would have announced. */
const causeOfMissed = (cause: VersionCause): VersionCause => (cause === 'poll' ? 'reconcile' : cause);

/** `snapshot` = first version before the resource is live; `created` = first after that, or after a deletion. */
export function changeOf(row: MirrorRow | null, facts: ResourceFacts): RecordChange {
  if (row === null) return facts.liveAt === null ? 'snapshot' : 'created';
  return row.deleted ? 'created' : 'updated';
}

/** Never falls, also over deletion, purge, return and a restored database. */
export function nextVersion(previous: number | null, now: number): number {
  return Math.max((previous ?? 0) + 1, now);
}

export function latest(a: number | null, b: number | null): number | null {
  if (a === null) return b;
  return b === null ? a : Math.max(a, b);
}
