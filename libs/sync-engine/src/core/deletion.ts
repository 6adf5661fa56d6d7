/** Deletions an hour, tenant and resource that nobody needs to look at. */
const QUIET_DELETIONS = 20;
const QUIET_SHARE = 0.01;
const HOUR_MINUTES = 60;

export interface AbsenceQuestion {
  readonly now: number;
  /** When the request that was answered 404 was started. */
  readonly askedAt: number;
  /** The notice came through a delete trigger. */
  readonly deleteTrigger: boolean;
  /** When the record was first found absent. */
  readonly absentAt: number | null;
  /** When the request that the resource's list last answered with 200 was started. */
  readonly listedAt: number | null;
  readonly recheckMs: number;
  readonly listValidMs: number;
}

export type AbsenceVerdict =
  | { readonly kind: 'look-again'; readonly at: number }
  /** The list must answer first: a closed tenant answers 404 to everything. */
  | { readonly kind: 'ask-list' }
  | { readonly kind: 'gone' };

/**
 * Is a 404 a deletion? Without a delete trigger it takes a second one. And each takes a list that was asked after it: one
 * that answered before says nothing of a tenant that has been closed since. With a list after the second alone, a tenant that
 * opens between the two would lose what was asked for while it was closed; so it has to answer between both looks as well.
 */
export function judgeAbsence(q: AbsenceQuestion): AbsenceVerdict {
  const ripe = q.deleteTrigger || q.absentAt === null ? null : q.absentAt + q.recheckMs;
  if (ripe !== null && q.askedAt < ripe) return { kind: 'look-again', at: ripe };
  const isProven = q.listedAt !== null && q.listedAt >= q.askedAt && q.now - q.listedAt <= q.listValidMs;
  if (!isProven) return { kind: 'ask-list' };
  return q.deleteTrigger || ripe !== null ? { kind: 'gone' } : { kind: 'look-again', at: q.now + q.recheckMs };
}

type Minutes = readonly (readonly [minute: number, count: number])[];

/** Adds one deletion; forgets what is older than an hour. */
export function countDeletion(deletions: Minutes, now: number): Minutes {
  const minute = Math.floor(now / 60_000);
  const kept = deletions.filter(([at]) => at > minute - HOUR_MINUTES && at !== minute);
  const same = deletions.find(([at]) => at === minute)?.[1] ?? 0;
  return [...kept, [minute, same + 1]];
}

/** False when one more deletion would be more than max(20, 1 %) in an hour: then a person decides. */
export function mayDelete(deletions: Minutes, now: number, liveRecords: number): boolean {
  const minute = Math.floor(now / 60_000);
  const lately = deletions.filter(([at]) => at > minute - HOUR_MINUTES).reduce((sum, [, count]) => sum + count, 0);
  // The share is taken of what was there before the hour's deletions began.
  return lately + 1 <= Math.max(QUIET_DELETIONS, QUIET_SHARE * (liveRecords + lately));
}
