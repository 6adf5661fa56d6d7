/** A notice may be this much older than the change it announces by the vendor's clock. */
export const NOTICE_TOLERANCE_MS = 60_000;

/** What is known when a check has found a record different (contract §7). */
export interface MissedQuestion {
  readonly now: number;
  readonly graceMs: number;
  /** The record's own time of change, by the vendor. */
  readonly modifiedAt: number | null;
  /** When the resource became live for the tenant. */
  readonly liveAt: number | null;
  readonly lastNoticeAt: number | null;
  /** The create/modify trigger was provisioned for the tenant, or has delivered. */
  readonly noticesKnown: boolean;
  /** Latest instant at which an end of the notice topic was asked for that has been consumed since. */
  readonly consumedAsOf: number | null;
  /** Since when this difference has been waiting; null = found just now. */
  readonly deferredSince: number | null;
}

export type MissedVerdict =
  | { readonly kind: 'missed' }
  /** A difference that cannot be called missed. */
  | { readonly kind: 'polled' }
  /** Younger than the grace: its notice may still come. */
  | { readonly kind: 'look-again'; readonly at: number }
  /** The notice topic has not been read far enough to know. */
  | { readonly kind: 'await-notices'; readonly askedAfter: number };

/** May a notice have announced a change that the vendor says was made at `modifiedAt`? One from before it may not. */
export function mayAnnounce(noticeAt: number, modifiedAt: number | null): boolean {
  return modifiedAt === null || noticeAt >= modifiedAt - NOTICE_TOLERANCE_MS;
}

/** Is a difference that a check has found a missed notice? */
export function judgeMissed(q: MissedQuestion): MissedVerdict {
  if (!q.noticesKnown || q.modifiedAt === null || q.liveAt === null || q.modifiedAt <= q.liveAt) {
    return { kind: 'polled' };
  }
  const ripe = q.modifiedAt + q.graceMs;
  if (ripe > q.now) {
    // A vendor whose clock runs ahead must not hide a change: it is waited for as long as an honest clock could ask, twice.
    const patience = (q.deferredSince ?? q.now) + 2 * q.graceMs + NOTICE_TOLERANCE_MS;
    return q.now >= patience ? { kind: 'polled' } : { kind: 'look-again', at: Math.min(ripe, patience) };
  }
  if (q.lastNoticeAt !== null && mayAnnounce(q.lastNoticeAt, q.modifiedAt)) return { kind: 'polled' };
  if (q.consumedAsOf === null || q.consumedAsOf <= ripe) return { kind: 'await-notices', askedAfter: ripe };
  return { kind: 'missed' };
}
