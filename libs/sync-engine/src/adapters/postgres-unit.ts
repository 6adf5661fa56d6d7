import type { Tx } from '@relay/database';
import type { VersionedRow, VersionedTable } from '@relay/state-topic';
import type { Delayed, Raised, RecordWrite, Served } from '../core/effects.js';
import type { MirrorRow, RecordRef } from '../core/model.js';
import type { UnitOfWork, VersionedRows } from '../ports/engine-store.js';
import type {
  CursorWrite,
  LaneWrite,
  Marker,
  NoticedRecord,
  PurgeRow,
  RepublishRow,
  ResourceWrite,
} from '../ports/stored-rows.js';
import { STATUS_TABLE } from './engine-migrations.js';
import { dropLane, writeCursors, writeLanes, writeNoticePosition, writeResources } from './lane-rows.js';
import {
  delayPending,
  dropPendingBefore,
  dropPendingOf,
  insertRaised,
  removeServed,
  upsertNoticed,
} from './pending-rows.js';
import {
  deleteSeen,
  dropWorkOf,
  readNewestVersion,
  removeMarker,
  removePurge,
  scheduleMarkers,
  statusKeysOf,
  writePurge,
} from './purge-rows.js';
import { noteAcknowledged, readBodies, readLiveRows, readMirrorRows, writeRecords } from './record-rows.js';
import { liftAbove, removeRepublish } from './republish-rows.js';

/** One transaction on PostgreSQL, under the shard's fence. */
export class PostgresUnit implements UnitOfWork {
  readonly statuses: UnitOfWork['statuses'];
  readonly farewells: VersionedRows;

  constructor(
    private readonly tx: Tx,
    private readonly shard: number,
    tables: { readonly statuses: VersionedTable; readonly farewells: VersionedTable },
  ) {
    this.farewells = rowsIn(tables.farewells, tx);
    this.statuses = {
      ...rowsIn(tables.statuses, tx),
      keysOf: (tenantId) => statusKeysOf(tx, STATUS_TABLE, tenantId),
    };
  }

  mirrorRows(refs: readonly RecordRef[]) {
    return readMirrorRows(this.tx, refs);
  }

  bodies(refs: readonly RecordRef[]) {
    return readBodies(this.tx, refs);
  }

  writeRecords(writes: readonly RecordWrite[]) {
    return writeRecords(this.tx, this.shard, writes);
  }

  announce(noticed: readonly NoticedRecord[], now: number) {
    return upsertNoticed(this.tx, this.shard, noticed, now);
  }

  raise(raised: readonly Raised[]) {
    return insertRaised(this.tx, this.shard, raised);
  }

  removeServed(served: readonly Served[]) {
    return removeServed(this.tx, served);
  }

  delay(delayed: readonly Delayed[]) {
    return delayPending(this.tx, delayed);
  }

  forgetNoticesBefore(before: number, knownTenants: readonly string[]) {
    return dropPendingBefore(this.tx, this.shard, before, knownTenants);
  }

  writeLanes(lanes: readonly LaneWrite[]) {
    return writeLanes(this.tx, this.shard, lanes);
  }

  writeCursors(cursors: readonly CursorWrite[]) {
    return writeCursors(this.tx, this.shard, cursors);
  }

  addToResources(writes: readonly ResourceWrite[]) {
    return writeResources(this.tx, this.shard, writes);
  }

  writeNoticePosition(nextOffset: bigint) {
    return writeNoticePosition(this.tx, this.shard, nextOffset);
  }

  async dropLane(tenantId: string) {
    await dropPendingOf(this.tx, tenantId);
    await dropLane(this.tx, tenantId);
  }

  removeRepublish(row: RepublishRow) {
    return removeRepublish(this.tx, this.shard, row);
  }

  liftAbove(row: RepublishRow, source: string, now: number) {
    return liftAbove(this.tx, this.shard, row, source, now);
  }

  liveRows(tenantId: string, limit: number) {
    return readLiveRows(this.tx, tenantId, limit);
  }

  newestVersion(tenantId: string) {
    return readNewestVersion(this.tx, tenantId);
  }

  writePurge(purge: PurgeRow) {
    return writePurge(this.tx, this.shard, purge);
  }

  removePurge(tenantId: string) {
    return removePurge(this.tx, tenantId);
  }

  dropWorkOf(tenantId: string) {
    return dropWorkOf(this.tx, tenantId);
  }

  deleteSeen(tenantId: string, upTo: number, limit: number) {
    return deleteSeen(this.tx, tenantId, upTo, limit);
  }

  noteAcknowledged(row: MirrorRow, at: { readonly partition: number; readonly offset: bigint }) {
    return noteAcknowledged(this.tx, row, at);
  }

  scheduleMarkers(markers: readonly Marker[]) {
    return scheduleMarkers(this.tx, this.shard, markers);
  }

  removeMarker(marker: Marker) {
    return removeMarker(this.tx, this.shard, marker);
  }
}

function rowsIn(table: VersionedTable, tx: Tx): VersionedRows {
  return { get: (rowKey) => table.get(rowKey, tx), put: (row: VersionedRow) => table.put(tx, row) };
}
