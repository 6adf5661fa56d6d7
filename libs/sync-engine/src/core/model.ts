import type { Lineage, RecordChange, VersionCause } from '@relay/contracts';
import type { Comparison, CompletenessReport } from './comparison.js';
import type { LeftOut } from '../ports/call-outcomes.js';
import type { PassSpec, WorkClass } from '../ports/connector.js';

/*
 * The engine's state in plain values. Instants are milliseconds since the epoch. What stands here is what stands in the
 * tables; nothing in it knows how it is stored.
 */

export type PassName = PassSpec['name'];
export type Trigger = number | 'any';

export interface RecordRef {
  readonly tenantId: string;
  readonly resource: string;
  readonly recordId: string;
}

/** One text for a record's key, for maps. NUL cannot occur in any part. */
export function refText({ tenantId, resource, recordId }: RecordRef): string {
  return `${tenantId}\0${resource}\0${recordId}`;
}

export function parseRefText(text: string): RecordRef {
  const [tenantId = '', resource = '', recordId = ''] = text.split('\0');
  return { tenantId, resource, recordId };
}

/** Which request a record is read for. */
export interface Asked {
  readonly requestId: string;
  readonly kind: 'verify' | 'resync';
  readonly at: number;
}

/** A reading of the parts of one whole by their list: where it stands. */
export interface FamilyReading {
  readonly wholeId: string;
  /** The whole is gone: its parts are asked for one by one, whatever a list by it would say. */
  readonly gone: boolean;
  readonly position: string | null;
  /** Read sequence of its first page, as text; null = not begun. Parts that were read since are not judged by it. */
  readonly seq: string | null;
  /** Parts met so far. */
  readonly met: readonly string[];
}

/** Facts about a record that waits to be fetched and that only this wait needs. */
export interface PendingDetail {
  /** Hash of the list row that raised it; goes to the mirror when the fetch confirms it. */
  readonly listHash?: string;
  /** Form hash of that row while the list form is being learnt. */
  readonly formHash?: string;
  readonly listModifiedAt?: number | null;
  /** First 404 in the API's own form. */
  readonly absentAt?: number;
  /** How often a fetch found nothing new although the notice is younger than the record. */
  readonly looks?: number;
  /** Content hash of an answer that was older than the mirror; the same answer twice is believed. */
  readonly olderHash?: string;
  /** Since when a difference waits for its notice or for the notice topic to be read far enough. */
  readonly deferredSince?: number;
  /** Not fetched before an end of the notice topic that was asked for after this instant has been consumed. */
  readonly awaitAfter?: number;
  /** Its deletion waits for a person's approval. */
  readonly held?: boolean;
  /** A person has approved its deletion: it is confirmed once more, and not counted against the limit. */
  readonly released?: boolean;
  /** An operator has asked for it to be read. */
  readonly asked?: Asked;
  /** Published at an operator's request before it could be known whether its notice was missed: judged afterwards. */
  readonly unjudged?: boolean;
  /** No record waits but the parts of one whole (`core/families.ts`). */
  readonly family?: FamilyReading;
}

/** A record that waits to be fetched. */
export interface PendingEntry extends RecordRef {
  /** From a sequence; a newer notice brings a newer one. */
  readonly generation: number;
  readonly cause: VersionCause;
  readonly trigger: Trigger | null;
  readonly deleteTrigger: boolean;
  readonly firstNoticeAt: number | null;
  readonly lastNoticeAt: number | null;
  readonly notices: number;
  readonly attempts: number;
  readonly nextAttemptAt: number;
  readonly parked: boolean;
  readonly pass: PassName | null;
  readonly runId: string | null;
  readonly detail: PendingDetail;
}

/** The mirror's hot row. */
export interface MirrorRow extends RecordRef {
  readonly version: number;
  readonly deleted: boolean;
  readonly hash: string;
  readonly listHash: string | null;
  readonly modifiedAt: number | null;
  readonly readSeq: bigint;
  /** When it was last fetched, or met in a page whose rows are whole; null = before that was kept. */
  readonly readAt: number | null;
  readonly lastNoticeAt: number | null;
  /** The last version was counted as missed. */
  readonly missed: boolean;
  readonly change: RecordChange;
  readonly changedFields: readonly string[];
  /** JSON text of the old values, with EVENT_PREVIOUS only. */
  readonly previous: string | null;
  readonly previousVersion: number | null;
  readonly lineage: Lineage;
  readonly source: string;
  readonly omitted: { readonly bytes: number; readonly sha256: string; readonly url: string } | null;
  /** Of a part that only a list by its whole finds: the whole's id. */
  readonly whole: string | null;
}

export const COUNTER_NAMES = ['notices', 'duplicates', 'late', 'missed', 'healed', 'deleted'] as const;
export type CounterName = (typeof COUNTER_NAMES)[number];
/** Lifetime counters of a resource of a tenant, as in `sync-status`. */
export type Counters = Record<CounterName, number>;

export const TRIGGER_COUNTER_NAMES = ['notices', 'duplicates', 'late', 'missed'] as const;
/** Those of them that can be told apart by the trigger, as far as it is known. */
export type TriggerCounters = Record<(typeof TRIGGER_COUNTER_NAMES)[number], number>;
/** By the trigger's text. */
export type TriggerCounts = Readonly<Record<string, TriggerCounters>>;

/**
 * A wish to read everything of a resource again, kept until it is fulfilled. Runs that were started before it do not count,
 * and a record that was read before it is fetched whatever the list shows.
 */
export interface Reread {
  /** Passes started at or after this instant (ms) fulfil it. */
  readonly at: number;
  /** Read sequence; as text, for it is larger than a number can be. */
  readonly seq: string;
}

/** How far notices are not to be relied on, as it was at an instant (`core/pace.ts`). */
export interface Doubt {
  readonly weight: number;
  readonly at: number;
}

export type ListForm = 'learning' | 'complete' | 'partial';

/** What is known about one resource of one tenant, beside its counters. */
export interface ResourceFacts {
  /** When its first reading was completed. */
  readonly liveAt: number | null;
  /** Lower bound of the next `changed` pass. */
  readonly watermark: number | null;
  readonly listForm: ListForm;
  readonly listSamples: number;
  readonly listLearntAt: number | null;
  /** False once the vendor was seen to ignore the filter. */
  readonly filterHonoured: boolean;
  /** When its list was seen to ignore the filter by the whole; believed for as long as what was learnt about forms. */
  readonly familyIgnoredAt?: number | null;
  /** Not allowed to read it; asked again at this instant. */
  readonly forbiddenUntil: number | null;
  /** It was forbidden before it was ever read: its first reading waits for its turn among the tenants. */
  readonly staged?: boolean;
  /** What is missing, where the connector knows. */
  readonly forbiddenReason: string | null;
  /** What the answers depended on when it was read (`Connector.basisOf`); null = not read yet, or nothing. */
  readonly basis: string | null;
  /** Everything of it is to be read again; null = nothing is wished for. */
  readonly reread: Reread | null;
  /** Notices of it were missed. Absent: none ever was. */
  readonly doubt?: Doubt | null;
  /** A page of it failed so often that it counts as broken. */
  readonly broken: boolean;
  /** Deletions in the last hour, by minute since the epoch. */
  readonly deletions: readonly (readonly [minute: number, count: number])[];
  /** Set when deletions were more than is plausible; nothing is deleted until a person approves. */
  readonly heldAt: number | null;
  readonly completeAsOf: number | null;
  readonly lastCheckedAt: number | null;
  /** Its first reading, for progress. */
  readonly firstReading: FirstReading | null;
  /** Where the log held everything of it for the first time; null = not yet. */
  readonly snapshot: SnapshotMark | null;
  /** Its reading of the past that windows do not show; absent or null = there was none. */
  readonly history?: HistoryReading | null;
  /** What its last whole reading has shown beside the mirror; null = there was none yet. */
  readonly completeness: CompletenessReport | null;
}

/** A reading of the past, once in a tenant's life. */
export interface HistoryReading {
  readonly startedAt: number;
  readonly done: number;
  readonly completedAt: number | null;
}

/** How far a first reading is. */
export interface FirstReading {
  readonly startedAt: number;
  readonly done: number;
  readonly total: number | null;
  /** Two places that it came by, the older first: its pace is what it has made since the older one. */
  readonly marks?: readonly [ReadingMark, ReadingMark];
}

export interface ReadingMark {
  readonly at: number;
  readonly done: number;
}

export interface SnapshotMark {
  readonly completedAt: number;
  /** By partition of the record topic the offset behind the last record; as text, for it may be larger than a number. */
  readonly offsets: Readonly<Record<string, string>>;
}

export const NEW_FACTS: ResourceFacts = {
  liveAt: null,
  watermark: null,
  listForm: 'learning',
  listSamples: 0,
  listLearntAt: null,
  filterHonoured: true,
  forbiddenUntil: null,
  forbiddenReason: null,
  basis: null,
  reread: null,
  broken: false,
  deletions: [],
  heldAt: null,
  completeAsOf: null,
  lastCheckedAt: null,
  firstReading: null,
  snapshot: null,
  completeness: null,
};

export interface PassCursor {
  readonly pass: PassName;
  /** A run is under way. */
  readonly running: boolean;
  readonly runId: string | null;
  readonly position: string | null;
  readonly startedAt: number | null;
  /** The vendor's clock when the run was started. */
  readonly vendorStartedAt: number | null;
  readonly since: number | null;
  /** Read to its end; a first reading still waits for its records. */
  readonly readToEnd: boolean;
  readonly completedAt: number | null;
  readonly done: number;
  readonly total: number | null;
  /** Highest numeric id met, while ids ascend; null = they do not. */
  readonly lastId: string | null;
  readonly attempts: number;
  readonly nextAttemptAt: number;
  /** Window passes: record ids met by the last complete run. */
  readonly met: readonly string[] | null;
  /** Window passes: records that this window no longer meets and a later window has not looked for yet, with the instant. */
  readonly moved: readonly (readonly [recordId: string, at: number])[];
  /** The run under way was asked for before its time. */
  readonly isWished?: boolean;
  /** Window passes: what the last complete run had to leave out. */
  readonly leftOut?: LeftOut | null;
  /** When the records of what is left out were last asked for one by one. */
  readonly followedAt?: number | null;
  /** Readings of everything that prove absence: what this run has shown so far beside the mirror. */
  readonly comparison?: Comparison | null;
}

export function newCursor(pass: PassName, dueAt: number): PassCursor {
  return {
    pass,
    running: false,
    runId: null,
    position: null,
    startedAt: null,
    vendorStartedAt: null,
    since: null,
    readToEnd: false,
    completedAt: null,
    done: 0,
    total: null,
    lastId: null,
    attempts: 0,
    nextAttemptAt: dueAt,
    met: null,
    moved: [],
  };
}

/** Work class of a record that waits: who waits for an answer comes with the notices, other requests after them. */
export function workClassOfEntry({ cause, detail }: Pick<PendingEntry, 'cause' | 'detail'>): WorkClass {
  if (detail.asked?.kind === 'verify') return 'live';
  const work = workClassOf(cause);
  return detail.asked !== undefined && work !== 'live' ? 'command' : work;
}

/** Work class of a cause: notices first, then what the checks found. */
export function workClassOf(cause: VersionCause): WorkClass {
  switch (cause) {
    case 'notice':
    case 'write':
      return 'live';
    case 'reconcile':
    case 'poll':
      return 'reconcile';
    case 'backfill':
      return 'backfill';
    case 'sweep':
      return 'sweep';
    default:
      return cause satisfies never;
  }
}
