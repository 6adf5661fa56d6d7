import type { StateMessage, StateStore, VersionedRow } from '@relay/state-topic';
import type { Delayed, Raised, RecordWrite, Served } from '../core/effects.js';
import type { MirrorRow, PendingEntry, RecordRef } from '../core/model.js';
import type {
  CursorWrite,
  LaneWrite,
  LoadedLanes,
  LocatedRow,
  Marker,
  NoticedRecord,
  PurgeRow,
  RecordFilter,
  RepublishRow,
  RequestRow,
  ResourceWrite,
  RowWithBody,
  SeenRecord,
  TouchedPartition,
} from './stored-rows.js';

/**
 * Where the engine keeps what must outlive the process. PostgreSQL in a service (`adapters/`), memory in the model; the
 * suite `storeConformance` holds both to the same semantics.
 *
 * Reads outside of a unit of work see what was committed when they began. Any call may reject while the store is away.
 */
export interface EngineStore extends MirrorReads, OutboxRows {
  /** Takes the shard from whoever has it, once the units that hold it have ended. Returns the new epoch. */
  take(shard: number, owner: string): Promise<number>;
  /** The present epoch; 0 for a shard that nobody has ever taken. */
  currentEpoch(shard: number): Promise<number>;
  /**
   * Commits all that `work` wrote if the shard is still held at `epoch`, and nothing otherwise. Units of one shard may run
   * beside each other; whoever writes a row waits for the unit that has written it before, and is judged after it.
   */
  fenced<T>(shard: number, epoch: number, work: (unit: UnitOfWork) => Promise<T>): Promise<T>;
  /** True when the same work may succeed later. Whether it was committed is not known then. */
  isTransient(error: unknown): boolean;
  /** True when somebody else owns the shard by now. */
  isFenced(error: unknown): boolean;

  /** Offset of the first notice that was not taken in; 0 at the start. */
  noticePosition(shard: number): Promise<bigint>;
  /** The state of a shard's lanes; of one tenant when it is named. */
  lanes(shard: number, tenantId?: string): Promise<LoadedLanes>;
  /** Everything that waits in a shard for the given tenants. */
  pending(shard: number, tenantIds: readonly string[]): Promise<PendingEntry[]>;

  /** What the read-back has found wrong in a shard. */
  republish(shard: number, limit: number): Promise<RepublishRow[]>;

  /** One record and where it lies in the log; null when the mirror has never had it. */
  located(ref: RecordRef): Promise<LocatedRow | null>;
  /** A page of the records that a filter means, in the order of resource and id. */
  recordsOf(
    filter: RecordFilter,
    after: Pick<RecordRef, 'resource' | 'recordId'> | null,
    limit: number,
  ): Promise<RecordRef[]>;
  /** Operators' requests that are not finished. */
  requests(shard: number): Promise<RequestRow[]>;

  purges(shard: number): Promise<PurgeRow[]>;
  /** Those tenants of whom there is a record that was purged already: the store was restored from a backup. */
  restoredTenants(receipts: readonly { readonly tenantId: string; readonly upTo: number }[]): Promise<string[]>;
  /** Records of a tenant that are still there: tombstones up to a version, and live ones. */
  countLeft(tenantId: string, upTo: number): Promise<{ readonly tombstones: number; readonly live: number }>;
  /** Rows of resources that are not among `enabled`, whose newest version nobody has noted as seen. */
  unseenBeside(tenantId: string, enabled: readonly string[], limit: number): Promise<MirrorRow[]>;
  dueMarkers(shard: number, now: number, limit: number): Promise<Marker[]>;

  /** Rows of `sync-status.v1`. */
  readonly statuses: StateStore;
  /** Rows of `completeness.v1`. */
  readonly completeness: StateStore;
  /** Rows of `withdrawal.v1`. */
  readonly farewells: StateStore;
}

/** A question about live records of a resource that were read before a number was taken. */
export interface ReadBefore {
  readonly tenantId: string;
  readonly resource: string;
  readonly readBefore: bigint;
}

/** The mirror, as decisions look at it outside of a commit. */
export interface MirrorReads {
  mirrorRows(refs: readonly RecordRef[]): Promise<MirrorRow[]>;
  /** Ids of all live records of a resource that were last read before. */
  liveIds(at: ReadBefore): Promise<string[]>;
  /** The same, of numeric ids above one and up to another (null = without end). */
  liveIdsBetween(at: ReadBefore, above: string, upTo: string | null): Promise<string[]>;
  /** The same, of parts of one whole. */
  liveIdsOfWhole(at: ReadBefore, wholeId: string): Promise<string[]>;
}

/** Mirror rows as the outbox of the record topics. */
export interface OutboxRows {
  rowsWithBodies(refs: readonly RecordRef[]): Promise<RowWithBody[]>;
  /** Those whose newest version is not the last one that was seen in the log. */
  unseenRecords(refs: readonly RecordRef[]): Promise<RecordRef[]>;
  /** A page of all such rows of a shard, in the order of tenant, resource and id. */
  unconfirmedRecords(shard: number, limit: number, after: RecordRef | null): Promise<RowWithBody[]>;
  /**
   * Where the records of a resource lie in the log: by partition the offset behind the last of them. Null while one of them
   * was never met there; those that turned up after the resource was live do not count.
   */
  logOffsets(tenantId: string, resource: string): Promise<ReadonlyMap<number, bigint> | null>;
  /**
   * Notes where records were met in the log, guarded by the offset, and how far that is. What is wrong there is left as a
   * republish row for the owner of the tenant's shard.
   */
  noteSeenRecords(seen: readonly SeenRecord[], shardOf: (tenantId: string) => number): Promise<void>;
  /**
   * How far a resource's topic was noted, by partition: the offset behind the last record. It stands beside what was noted,
   * so that a store that was restored from a backup has everything noted again that it has forgotten.
   */
  notedUpTo(resource: string): Promise<ReadonlyMap<number, bigint>>;
}

/** A versioned table's rows inside a unit of work. */
export interface VersionedRows {
  get(rowKey: string): Promise<{ readonly version: number; readonly value: object | null } | null>;
  /** Writes a row. Returns what to publish after the commit; null when a higher version is there. */
  put(row: VersionedRow): Promise<StateMessage | null>;
}

/** A versioned table whose keys begin with the tenant. */
export interface TenantRows extends VersionedRows {
  keysOf(tenantId: string): Promise<string[]>;
}

/**
 * One transaction of a shard's owner. What it writes of tenants belongs to tenants of its shard. Writing nothing asks
 * nothing of the store.
 */
export interface UnitOfWork {
  mirrorRows(refs: readonly RecordRef[]): Promise<MirrorRow[]>;
  bodies(refs: readonly RecordRef[]): Promise<(RecordRef & { readonly body: string })[]>;
  /** Writes rows and bodies. What was seen of them in the log is left alone. */
  writeRecords(writes: readonly RecordWrite[]): Promise<void>;

  /**
   * Notes that records were announced. One that waits already gets a new generation: whatever is being fetched for it now
   * may be older than this notice, and leaves the entry.
   */
  announce(noticed: readonly NoticedRecord[], now: number): Promise<PendingEntry[]>;
  /** Records found by a check. Where one waits already, it stays as it is. Returns the new ones. */
  raise(raised: readonly Raised[]): Promise<PendingEntry[]>;
  /**
   * What is wanted now: records that an operator has asked for, families of a whole that has changed. What waits already
   * becomes due under a new generation and takes on the members of `detail` (the question; where a reading of a family
   * begins); its cause, its notices and what else is known of it stay.
   */
  ask(asked: readonly Raised[]): Promise<PendingEntry[]>;
  /**
   * Removes what was served where its generation is still the one that was read. What is not there any more counts as
   * removed: an earlier try, whose answer was lost, has done it.
   */
  removeServed(served: readonly Served[]): Promise<PendingChange>;
  /** Puts entries off, where nothing newer has come. */
  delay(delayed: readonly Delayed[]): Promise<PendingEntry[]>;
  /** Notices of tenants that nobody knows are kept for a time only. */
  forgetNoticesBefore(before: number, knownTenants: readonly string[]): Promise<number>;

  writeLanes(lanes: readonly LaneWrite[]): Promise<void>;
  writeCursors(cursors: readonly CursorWrite[]): Promise<void>;
  /** Counters are added, never set: the notice handler counts beside the lanes. */
  addToResources(writes: readonly ResourceWrite[]): Promise<void>;
  /**
   * How far notices are taken in after this unit; never goes back. Gives how far they were: a unit whose commit had no answer
   * may have taken in some of what comes again.
   */
  writeNoticePosition(nextOffset: bigint): Promise<bigint>;
  /** The tenant has no lane any more: neither has its work. */
  dropLane(tenantId: string): Promise<void>;

  writeRequest(row: RequestRow): Promise<void>;
  removeRequest(row: Pick<RequestRow, 'tenantId' | 'requestId'>): Promise<void>;

  removeRepublish(row: RepublishRow): Promise<void>;
  /**
   * Lifts a record above what the log holds, and forgets its content: the next reading makes a version that consumers
   * accept. A record that the mirror does not know gets a row, so that its absence at the vendor becomes a tombstone.
   */
  liftAbove(row: RepublishRow, source: string, now: number): Promise<void>;

  /** Some records of a tenant that are not deleted, whatever their resource. */
  liveRows(tenantId: string, limit: number): Promise<MirrorRow[]>;
  /** Highest version of the tenant's records; null when there is none. */
  newestVersion(tenantId: string): Promise<number | null>;
  writePurge(purge: PurgeRow): Promise<void>;
  removePurge(tenantId: string): Promise<void>;
  /** Forgets what the engine knew about a tenant beside its records: work, places, facts, counters, texts. */
  dropWorkOf(tenantId: string): Promise<void>;
  /** Deletes some rows whose tombstone was seen in the log. */
  deleteSeen(tenantId: string, upTo: number, limit: number): Promise<DeletedRows>;
  /** Notes where the version of a row lies that is not read back. */
  noteAcknowledged(row: MirrorRow, at: { readonly partition: number; readonly offset: bigint }): Promise<void>;
  /** One set of markers a partition, after the last purge that touched it: an earlier one is no longer needed. */
  scheduleMarkers(markers: readonly Marker[]): Promise<void>;
  /** A marker that was put off meanwhile stays. */
  removeMarker(marker: Marker): Promise<void>;

  readonly statuses: TenantRows;
  readonly completeness: TenantRows;
  readonly farewells: VersionedRows;
}

/** What became of the entries of one unit. */
export interface PendingChange {
  /** Gone: nothing newer had come. */
  readonly removed: PendingEntry[];
  /** Still there, in its present state: delayed, or announced again meanwhile. */
  readonly kept: PendingEntry[];
}

export interface DeletedRows {
  readonly deleted: number;
  readonly touched: readonly TouchedPartition[];
}
