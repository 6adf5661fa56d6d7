import {
  addTriggers,
  type CursorWrite,
  type Delayed,
  type DeletedRows,
  type LaneWrite,
  type Marker,
  type MirrorRow,
  type NoticedRecord,
  type PurgeRow,
  type Raised,
  type RecordRef,
  type RecordWrite,
  type RepublishRow,
  type RequestRow,
  type ResourceWrite,
  type Served,
  type TouchedPartition,
  type UnitOfWork,
  type VersionedRows,
} from '@relay/sync-engine';
import { MemoryPending } from './memory-pending.js';
import { refKey, type MemoryRows, type StoredRecord } from './memory-rows.js';
import type { MemoryTable, MemoryTransaction } from './memory-tables.js';
import type { MemoryVersions } from './memory-versions.js';

export interface UnitParts {
  readonly tx: MemoryTransaction;
  readonly rows: MemoryRows;
  readonly shard: number;
  readonly statuses: MemoryVersions;
  readonly completeness: MemoryVersions;
  readonly farewells: MemoryVersions;
  readonly nextNumber: () => number;
}

/** A unit of work in memory. */
export class MemoryUnit implements UnitOfWork {
  readonly statuses: UnitOfWork['statuses'];
  readonly completeness: UnitOfWork['completeness'];
  readonly farewells: VersionedRows;
  private readonly entries: MemoryPending;

  constructor(private readonly parts: UnitParts) {
    const { tx, rows, shard, statuses, completeness, farewells } = parts;
    this.entries = new MemoryPending(tx, rows, shard, parts.nextNumber);
    this.statuses = { ...rowsIn(statuses, tx), keysOf: async (tenantId) => statuses.keysOf(tx, tenantId) };
    this.completeness = {
      ...rowsIn(completeness, tx),
      keysOf: async (tenantId) => completeness.keysOf(tx, tenantId),
    };
    this.farewells = rowsIn(farewells, tx);
  }

  private get tx(): MemoryTransaction {
    return this.parts.tx;
  }

  private get rows(): MemoryRows {
    return this.parts.rows;
  }

  async mirrorRows(refs: readonly RecordRef[]): Promise<MirrorRow[]> {
    return refs.flatMap((ref) => this.tx.read(this.rows.record, refKey(ref))?.row ?? []);
  }

  async bodies(refs: readonly RecordRef[]) {
    return refs.flatMap((ref) => this.tx.read(this.rows.body, refKey(ref)) ?? []);
  }

  async writeRecords(writes: readonly RecordWrite[]): Promise<void> {
    const { shard } = this.parts;
    for (const { row, body } of writes) {
      const { tenantId, resource, recordId } = row;
      const unseen = { logVersion: null, logPartition: null, logOffset: null };
      await this.tx.write(this.rows.record, refKey(row), (before) => ({ shard, ...unseen, ...before, row }));
      if (body.kind === 'set') {
        await this.tx.write(this.rows.body, refKey(row), () => ({ tenantId, resource, recordId, body: body.text }));
      } else if (body.kind === 'drop') await this.tx.write(this.rows.body, refKey(row), () => undefined);
    }
  }

  announce(noticed: readonly NoticedRecord[], now: number) {
    return this.entries.announce(noticed, now);
  }

  raise(raised: readonly Raised[]) {
    return this.entries.raise(raised);
  }

  ask(asked: readonly Raised[]) {
    return this.entries.ask(asked);
  }

  removeServed(served: readonly Served[]) {
    return this.entries.removeServed(served);
  }

  delay(delayed: readonly Delayed[]) {
    return this.entries.delay(delayed);
  }

  forgetNoticesBefore(before: number, knownTenants: readonly string[]) {
    return this.entries.forgetNoticesBefore(before, knownTenants);
  }

  async writeLanes(lanes: readonly LaneWrite[]): Promise<void> {
    const { shard } = this.parts;
    for (const lane of lanes) await this.tx.write(this.rows.lane, lane.tenantId, () => ({ ...lane, shard }));
  }

  async writeCursors(cursors: readonly CursorWrite[]): Promise<void> {
    const { shard } = this.parts;
    for (const write of cursors) {
      const key = `${write.tenantId}\0${write.resource}\0${write.cursor.pass}`;
      await this.tx.write(this.rows.cursor, key, (before) => ({ ...write, shard: before?.shard ?? shard }));
    }
  }

  async addToResources(writes: readonly ResourceWrite[]): Promise<void> {
    const { shard } = this.parts;
    const keyOf = (write: ResourceWrite): string => `${write.tenantId}\0${write.resource}`;
    for (const write of [...writes].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1))) {
      await this.tx.write(this.rows.resource, keyOf(write), (before) => {
        if (before === undefined) return { ...write, counters: { ...write.counters }, shard };
        const counters = { ...before.counters };
        for (const name of Object.keys(counters) as (keyof typeof counters)[]) counters[name] += write.counters[name];
        return {
          ...before,
          counters,
          triggers: addTriggers(before.triggers, write.triggers),
          facts: write.facts ?? before.facts,
          noticesDelivered: before.noticesDelivered || write.noticesDelivered,
          records: before.records + write.records,
        };
      });
    }
  }

  async writeNoticePosition(nextOffset: bigint): Promise<bigint> {
    let stood = 0n;
    await this.tx.write(this.rows.position, String(this.parts.shard), (before = 0n) => {
      stood = before;
      return nextOffset > before ? nextOffset : before;
    });
    return stood;
  }

  async dropLane(tenantId: string): Promise<void> {
    await this.drop(this.rows.pending, tenantId);
    await this.drop(this.rows.lane, tenantId);
  }

  async writeRequest(row: RequestRow): Promise<void> {
    const { shard } = this.parts;
    const key = `${row.tenantId}\0${row.requestId}`;
    await this.tx.write(this.rows.request, key, (before) => ({ ...row, shard: before?.shard ?? shard }));
  }

  async removeRequest(row: Pick<RequestRow, 'tenantId' | 'requestId'>): Promise<void> {
    await this.tx.write(this.rows.request, `${row.tenantId}\0${row.requestId}`, () => undefined);
  }

  async removeRepublish(row: RepublishRow): Promise<void> {
    const key = `${this.parts.shard}\0${refKey(row)}`;
    if (this.tx.read(this.rows.republish, key) === undefined) return;
    await this.tx.write(this.rows.republish, key, (found) =>
      found?.reason === row.reason && found.seenVersion === row.seenVersion ? undefined : found,
    );
  }

  async liftAbove(row: RepublishRow, source: string, now: number): Promise<void> {
    const { tenantId, resource, recordId, seenVersion } = row;
    const version = seenVersion ?? 0;
    const at = new Date(now).toISOString();
    const lineage = { cause: 'sweep', trigger: null, noticedAt: null, fetchedAt: at, committedAt: at } as const;
    await this.tx.write(this.rows.record, refKey(row), (before): StoredRecord => {
      if (before !== undefined) {
        if (before.row.version >= version) return before;
        const lifted = { ...before.row, version, deleted: false, hash: '', listHash: null };
        return { ...before, row: lifted, logVersion: version };
      }
      const lifted: MirrorRow = {
        tenantId,
        resource,
        recordId,
        version,
        deleted: false,
        hash: '',
        listHash: null,
        modifiedAt: null,
        readSeq: 0n,
        readAt: null,
        lastNoticeAt: null,
        missed: false,
        change: 'updated',
        changedFields: [],
        previous: null,
        previousVersion: null,
        lineage: { ...lineage, runId: 'read-back' },
        source,
        omitted: null,
        whole: null,
      };
      const unseen = { logPartition: null, logOffset: null };
      return { shard: this.parts.shard, row: lifted, logVersion: version, ...unseen };
    });
  }

  async liveRows(tenantId: string, limit: number): Promise<MirrorRow[]> {
    const found = this.tx.find(this.rows.record, ({ row }) => row.tenantId === tenantId && !row.deleted);
    return found.slice(0, limit).map(([, { row }]) => row);
  }

  async newestVersion(tenantId: string): Promise<number | null> {
    const versions = this.tx.find(this.rows.record, ({ row }) => row.tenantId === tenantId);
    return versions.length === 0 ? null : Math.max(...versions.map(([, { row }]) => row.version));
  }

  async writePurge(purge: PurgeRow): Promise<void> {
    const { shard } = this.parts;
    await this.tx.write(this.rows.purge, purge.tenantId, (before) => ({ ...purge, shard: before?.shard ?? shard }));
  }

  async removePurge(tenantId: string): Promise<void> {
    await this.tx.write(this.rows.purge, tenantId, () => undefined);
  }

  async dropWorkOf(tenantId: string): Promise<void> {
    await this.dropLane(tenantId);
    await this.drop(this.rows.cursor, tenantId);
    await this.drop(this.rows.resource, tenantId);
    await this.drop(this.rows.republish, tenantId);
    await this.drop(this.rows.body, tenantId);
    await this.drop(this.rows.request, tenantId);
  }

  async deleteSeen(tenantId: string, upTo: number, limit: number): Promise<DeletedRows> {
    const found = this.tx.find(
      this.rows.record,
      ({ row, logVersion }) =>
        row.tenantId === tenantId && row.deleted && row.version <= upTo && logVersion === row.version,
    );
    const touched = new Map<string, TouchedPartition>();
    for (const [key, { row, logPartition }] of found.slice(0, limit)) {
      await this.tx.write(this.rows.record, key, () => undefined);
      const partition = logPartition ?? 0;
      touched.set(`${row.resource}/${partition}`, { resource: row.resource, partition });
    }
    return { deleted: Math.min(found.length, limit), touched: [...touched.values()] };
  }

  async noteAcknowledged(row: MirrorRow, at: { readonly partition: number; readonly offset: bigint }): Promise<void> {
    if (this.tx.read(this.rows.record, refKey(row)) === undefined) return;
    const place = { logVersion: row.version, logPartition: at.partition, logOffset: at.offset };
    await this.tx.write(this.rows.record, refKey(row), (before) =>
      before?.row.version === row.version ? { ...before, ...place } : before,
    );
  }

  async scheduleMarkers(markers: readonly Marker[]): Promise<void> {
    const { shard } = this.parts;
    for (const marker of markers) {
      await this.tx.write(this.rows.marker, this.markerKey(marker), (before) => ({
        ...marker,
        shard,
        dueAt: Math.max(before?.dueAt ?? 0, marker.dueAt),
      }));
    }
  }

  async removeMarker(marker: Marker): Promise<void> {
    await this.tx.write(this.rows.marker, this.markerKey(marker), (before) =>
      before?.dueAt === marker.dueAt ? undefined : before,
    );
  }

  private markerKey({ resource, partition, number }: Marker): string {
    return `${this.parts.shard}/${resource}/${partition}/${number}`;
  }

  private async drop<V extends { readonly tenantId: string }>(table: MemoryTable<V>, tenantId: string): Promise<void> {
    for (const [key] of this.tx.find(table, (row) => row.tenantId === tenantId)) {
      await this.tx.write(table, key, () => undefined);
    }
  }
}

function rowsIn(table: MemoryVersions, tx: MemoryTransaction): VersionedRows {
  return { get: async (rowKey) => table.get(tx, rowKey), put: (row) => table.put(tx, row) };
}
