import type { LaneState } from '../core/lane-state.js';
import type { RequestState } from '../core/request-state.js';
import type {
  Counters,
  MirrorRow,
  PassCursor,
  RecordRef,
  ResourceFacts,
  Trigger,
  TriggerCounts,
} from '../core/model.js';

/*
 * What goes into a store and comes out of it beside the values of `core/model.ts`. Nothing here knows how it is stored.
 */

export interface ResourceRow {
  readonly tenantId: string;
  readonly resource: string;
  readonly facts: ResourceFacts | null;
  readonly noticesDelivered: boolean;
  readonly records: number;
  readonly counters: Counters;
  readonly triggers: TriggerCounts;
}

/** What a shard's owner has to know before its lanes may go. */
export interface LoadedLanes {
  readonly lanes: LaneWrite[];
  readonly cursors: CursorWrite[];
  readonly resources: ResourceRow[];
}

export interface LaneWrite {
  readonly tenantId: string;
  readonly state: LaneState;
}

export interface CursorWrite {
  readonly tenantId: string;
  readonly resource: string;
  readonly cursor: PassCursor;
}

/** What is added to a resource's counters, and its facts when they changed. */
export interface ResourceWrite {
  readonly tenantId: string;
  readonly resource: string;
  readonly facts: ResourceFacts | null;
  readonly noticesDelivered: boolean;
  readonly records: number;
  readonly counters: Counters;
  readonly triggers: TriggerCounts;
}

/** One record's notices of one batch, put together. */
export interface NoticedRecord {
  readonly tenantId: string;
  readonly resource: string;
  readonly recordId: string;
  readonly trigger: Trigger;
  readonly deleteTrigger: boolean;
  readonly firstNoticeAt: number;
  readonly lastNoticeAt: number;
  readonly notices: number;
}

/** A mirror row with its body: what a message is made of. */
export interface RowWithBody {
  readonly row: MirrorRow;
  readonly body: string | null;
}

/** Where a record's message was met in the log. */
export interface SeenRecord extends RecordRef {
  /** null: a message that carries no version. */
  readonly version: number | null;
  readonly tombstone: boolean;
  readonly partition: number;
  readonly offset: bigint;
}

/** Why a record's message is to be looked at by its owner. */
export type RepublishReason =
  /** An older version stands in the log after a newer one. */
  | 'older-last'
  /** The log is ahead of the row: the database was restored. */
  | 'log-ahead'
  /** The log has a record that the mirror does not know. */
  | 'unknown';

export interface RepublishRow extends RecordRef {
  readonly reason: RepublishReason;
  readonly seenVersion: number | null;
}

/** A purge that is under way. */
export interface PurgeRow {
  readonly tenantId: string;
  /** Which purge it is: `purgedAt` of the tenant. */
  readonly purgedAt: string;
  /** Everything up to this version is a tombstone; null = not all of it yet. */
  readonly upTo: number | null;
  /** Tombstones made, by resource. */
  readonly counts: Readonly<Record<string, number>>;
}

/** A mirror row with where its record was seen in the log last. */
export interface LocatedRow {
  readonly row: MirrorRow;
  readonly log: { readonly version: number; readonly partition: number; readonly offset: bigint } | null;
}

/** Which records of a tenant an operator means. Instants are the vendor's time of change; our commit where it has none. */
export interface RecordFilter {
  readonly tenantId: string;
  readonly resources: readonly string[];
  readonly from: number | null;
  readonly to: number | null;
  readonly withDeleted: boolean;
}

/** What an operator has asked for and is not finished. */
export interface RequestRow {
  readonly tenantId: string;
  readonly requestId: string;
  readonly state: RequestState;
}

/** Where tombstones lie that have no row any more. */
export interface TouchedPartition {
  readonly resource: string;
  readonly partition: number;
}

/** A message that is due in a partition of a record topic, so that Kafka compacts it. */
export interface Marker extends TouchedPartition {
  readonly number: number;
  readonly dueAt: number;
}
