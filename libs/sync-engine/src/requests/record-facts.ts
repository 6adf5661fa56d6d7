import { recordTopic, type RecordFacts, type Vendor } from '@relay/contracts';
import type { PendingEntry, RecordRef } from '../core/model.js';
import { NEVER } from '../core/plan-gone.js';
import type { LocatedRow } from '../ports/stored-rows.js';

export interface FactsInput {
  readonly ref: RecordRef;
  readonly vendor: Vendor;
  readonly isEnabled: boolean;
  readonly located: LocatedRow | null;
  readonly entry: PendingEntry | null;
}

const instant = (ms: number | null): string | null => (ms === null ? null : new Date(ms).toISOString());

/** What is known of one record, without asking anybody. */
export function recordFactsOf({ ref, vendor, isEnabled, located, entry }: FactsInput): RecordFacts {
  const row = located?.row ?? null;
  const log = located?.log ?? null;
  return {
    resource: ref.resource,
    recordId: ref.recordId,
    state: stateOf(isEnabled, located, entry),
    version: row?.version ?? null,
    cause: row?.lineage.cause ?? null,
    modifiedAt: instant(row?.modifiedAt ?? null),
    lastNoticeAt: instant(latestOf(row?.lastNoticeAt ?? null, entry?.lastNoticeAt ?? null)),
    lastFetchedAt: instant(row?.readAt ?? null) ?? row?.lineage.fetchedAt ?? null,
    committedAt: row?.lineage.committedAt ?? null,
    log: log === null ? null : { topic: recordTopic(vendor, ref.resource), ...log, offset: String(log.offset) },
    waiting: entry === null ? null : waitingOf(entry),
  };
}

function stateOf(isEnabled: boolean, located: LocatedRow | null, entry: PendingEntry | null): RecordFacts['state'] {
  if (!isEnabled) return 'not-enabled';
  if (located !== null) return located.row.deleted ? 'deleted' : 'present';
  // An operator's question alone is no sign that there ever was such a record.
  const isKnown = entry !== null && (entry.notices > 0 || entry.pass !== null);
  return isKnown ? 'waiting' : 'unknown';
}

function waitingOf({ cause, firstNoticeAt, attempts, parked, nextAttemptAt, detail }: PendingEntry) {
  const { asked, deferredSince, absentAt } = detail;
  const since = firstNoticeAt ?? deferredSince ?? absentAt ?? asked?.at ?? null;
  return {
    cause,
    since: instant(since),
    attempts,
    parked,
    nextAttemptAt: nextAttemptAt >= NEVER ? null : instant(nextAttemptAt),
    deletionHeld: detail.held === true,
  };
}

function latestOf(a: number | null, b: number | null): number | null {
  return a === null || b === null ? (a ?? b) : Math.max(a, b);
}
