import { FencedOut, isTransient, type Database, type ShardEpochs } from '@relay/database';
import { VersionedTable } from '@relay/state-topic';
import type { RecordRef } from '../core/model.js';
import type { EngineStore, ReadBefore, UnitOfWork } from '../ports/engine-store.js';
import type { RecordFilter, SeenRecord } from '../ports/stored-rows.js';
import { COMPLETENESS_TABLE, STATUS_TABLE, WITHDRAWAL_TABLE } from './engine-migrations.js';
import { readLanes, readNoticePosition } from './lane-rows.js';
import { noteSeenRecords, readLogOffsets, readNotedUpTo, readUnseenRecords } from './outbox-rows.js';
import { readPending } from './pending-rows.js';
import { PostgresUnit } from './postgres-unit.js';
import { countLeft, dueMarkers, readPurges, tenantsRestored } from './purge-rows.js';
import {
  readIdsBetween,
  readIdsOfWhole,
  readLiveIds,
  readLocated,
  readMirrorRows,
  readRowsWithBodies,
  readUnconfirmed,
  readUnseenBeside,
} from './record-rows.js';
import { readRepublish } from './republish-rows.js';
import { readRecordsOf, readRequests } from './request-rows.js';

/** The engine's store in a service's own PostgreSQL schema. */
export class PostgresStore implements EngineStore {
  readonly statuses: VersionedTable;
  readonly farewells: VersionedTable;
  readonly completeness: VersionedTable;

  constructor(
    private readonly database: Database,
    private readonly epochs: ShardEpochs,
    partitions: number,
  ) {
    this.statuses = new VersionedTable({ database, table: STATUS_TABLE, topic: 'sync-status.v1', partitions });
    this.farewells = new VersionedTable({ database, table: WITHDRAWAL_TABLE, topic: 'withdrawal.v1', partitions });
    const table = COMPLETENESS_TABLE;
    this.completeness = new VersionedTable({ database, table, topic: 'completeness.v1', partitions });
  }

  take(shard: number, owner: string): Promise<number> {
    return this.epochs.take(shard, owner);
  }

  currentEpoch(shard: number): Promise<number> {
    return this.epochs.current(shard);
  }

  fenced<T>(shard: number, epoch: number, work: (unit: UnitOfWork) => Promise<T>): Promise<T> {
    return this.epochs.fenced(shard, epoch, (tx) => work(new PostgresUnit(tx, shard, this)));
  }

  isTransient(error: unknown): boolean {
    return isTransient(error);
  }

  isFenced(error: unknown): boolean {
    return error instanceof FencedOut;
  }

  noticePosition(shard: number) {
    return readNoticePosition(this.database, shard);
  }

  lanes(shard: number, tenantId?: string) {
    return readLanes(this.database, shard, tenantId);
  }

  pending(shard: number, tenantIds: readonly string[]) {
    return readPending(this.database, shard, tenantIds);
  }

  mirrorRows(refs: readonly RecordRef[]) {
    return readMirrorRows(this.database, refs);
  }

  liveIds(at: ReadBefore) {
    return readLiveIds(this.database, at);
  }

  liveIdsBetween(at: ReadBefore, above: string, upTo: string | null) {
    return readIdsBetween(this.database, at, above, upTo);
  }

  liveIdsOfWhole(at: ReadBefore, wholeId: string) {
    return readIdsOfWhole(this.database, at, wholeId);
  }

  rowsWithBodies(refs: readonly RecordRef[]) {
    return readRowsWithBodies(this.database, refs);
  }

  unseenRecords(refs: readonly RecordRef[]) {
    return readUnseenRecords(this.database, refs);
  }

  unconfirmedRecords(shard: number, limit: number, after: RecordRef | null) {
    return readUnconfirmed(this.database, shard, limit, after);
  }

  logOffsets(tenantId: string, resource: string) {
    return readLogOffsets(this.database, tenantId, resource);
  }

  noteSeenRecords(seen: readonly SeenRecord[], shardOf: (tenantId: string) => number) {
    return noteSeenRecords(this.database, seen, shardOf);
  }

  notedUpTo(resource: string) {
    return readNotedUpTo(this.database, resource);
  }

  republish(shard: number, limit: number) {
    return readRepublish(this.database, shard, limit);
  }

  located(ref: RecordRef) {
    return readLocated(this.database, ref);
  }

  recordsOf(filter: RecordFilter, after: Pick<RecordRef, 'resource' | 'recordId'> | null, limit: number) {
    return readRecordsOf(this.database, filter, after, limit);
  }

  requests(shard: number) {
    return readRequests(this.database, shard);
  }

  purges(shard: number) {
    return readPurges(this.database, shard);
  }

  restoredTenants(receipts: readonly { readonly tenantId: string; readonly upTo: number }[]) {
    return tenantsRestored(this.database, receipts);
  }

  countLeft(tenantId: string, upTo: number) {
    return countLeft(this.database, tenantId, upTo);
  }

  unseenBeside(tenantId: string, enabled: readonly string[], limit: number) {
    return readUnseenBeside(this.database, tenantId, enabled, limit);
  }

  dueMarkers(shard: number, now: number, limit: number) {
    return dueMarkers(this.database, shard, now, limit);
  }
}
