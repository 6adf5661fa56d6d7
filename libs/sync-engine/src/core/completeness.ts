import { createHash } from 'node:crypto';
import type { Comparison, CompletenessReport, Named, Tally } from './comparison.js';
import type { MirrorView } from './effects.js';
import type { RecordRef } from './model.js';

const MOST_NAMED = 100;
/** The vendor's clock comes with the first answer, when a change that was made meanwhile has a time before it. */
const SETTLES_IN_MS = 60_000;
const WHOLE = 1n << 256n;
const NOTHING: Tally = { count: 0, digest: '0'.repeat(64) };
const NOBODY: Named = { count: 0, ids: [] };

export function newComparison(startSeq: bigint): Comparison {
  return {
    startSeq: String(startSeq),
    atVendor: NOTHING,
    here: NOTHING,
    unsettled: 0,
    missingHere: NOBODY,
    missingThere: NOBODY,
    differing: NOBODY,
  };
}

/** Adds a record to a set. The order in which records are added makes no difference. */
export function tallied(tally: Tally, recordId: string, modifiedAt: number | null): Tally {
  const instant = modifiedAt === null ? '' : new Date(modifiedAt).toISOString();
  const hash = createHash('sha256').update(`${recordId}\0${instant}`).digest('hex');
  const sum = (BigInt(`0x${tally.digest}`) + BigInt(`0x${hash}`)) % WHOLE;
  return { count: tally.count + 1, digest: sum.toString(16).padStart(64, '0') };
}

export interface ComparedPage {
  readonly rows: readonly { readonly ref: RecordRef; readonly modifiedAt: number | null }[];
  /** Records of the mirror that the page should have shown and did not. */
  readonly absent: readonly RecordRef[];
  /** The vendor's clock when the reading was started; a record that it says has changed since is not settled. */
  readonly vendorStartedAt: number | null;
  /** A notice of the record waits to be followed. */
  isAnnounced(recordId: string): boolean;
}

/**
 * Compares one page with the mirror, in the transaction that commits the page and before that heals anything.
 *
 * A record counts, on either side, only where its mirror row was not touched since the reading was started (its read
 * sequence is older), none of its notices waits, and the vendor does not say that it has changed since, or within a minute
 * before. Whatever is changed, created or healed by something else while the reading goes on is `unsettled` and no
 * difference: the next reading judges it. A deletion has no time: one that nobody has announced by the time its page is
 * committed is named.
 */
export function compared(before: Comparison, page: ComparedPage, view: Pick<MirrorView, 'row'>): Comparison {
  const startSeq = BigInt(before.startSeq);
  const next = { ...before };
  for (const { ref, modifiedAt } of page.rows) {
    const row = view.row(ref);
    const isRecent =
      modifiedAt !== null && page.vendorStartedAt !== null && modifiedAt >= page.vendorStartedAt - SETTLES_IN_MS;
    if (isRecent || (row !== null && row.readSeq >= startSeq) || page.isAnnounced(ref.recordId)) {
      next.unsettled += 1;
      continue;
    }
    next.atVendor = tallied(next.atVendor, ref.recordId, modifiedAt);
    if (row === null || row.deleted) {
      next.missingHere = withName(next.missingHere, ref.recordId);
      continue;
    }
    next.here = tallied(next.here, ref.recordId, row.modifiedAt);
    if (row.modifiedAt !== modifiedAt) next.differing = withName(next.differing, ref.recordId);
  }
  for (const ref of page.absent) {
    const row = view.row(ref);
    if (row === null || row.deleted) continue;
    if (row.readSeq >= startSeq || page.isAnnounced(ref.recordId)) {
      next.unsettled += 1;
      continue;
    }
    next.here = tallied(next.here, ref.recordId, row.modifiedAt);
    next.missingThere = withName(next.missingThere, ref.recordId);
  }
  return next;
}

function withName({ count, ids }: Named, id: string): Named {
  return { count: count + 1, ids: ids.length < MOST_NAMED ? [...ids, id] : ids };
}

/** The report of a reading that has come to its end. */
export function reportOf(comparison: Comparison, startedAt: number, checkedAt: number): CompletenessReport {
  const { startSeq: _startSeq, ...shown } = comparison;
  return { ...shown, startedAt, checkedAt };
}
