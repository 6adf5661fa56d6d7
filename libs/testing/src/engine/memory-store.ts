import { FencedOut } from '@relay/database';
import type {
  EngineStore,
  LocatedRow,
  MirrorRow,
  ReadBefore,
  RecordFilter,
  RecordRef,
  SeenRecord,
  UnitOfWork,
} from '@relay/sync-engine';
import { byKey, refKey, type MemoryRows, type StoredRecord } from './memory-rows.js';
import { StoreAway, type MemoryTransaction } from './memory-tables.js';
import { MemoryUnit } from './memory-unit.js';
import type { MemoryVersions } from './memory-versions.js';
import { entryOf } from './memory-pending.js';
import { noteSeenRecords } from './note-seen-records.js';

/** A moment in a conversation with the store at which time may pass, or the process may be gone. */
export type StoreStep = 'read' | 'take' | 'begin' | 'commit' | 'answer';

/** What becomes of a commit: `answer lost` commits and tells nobody. */
export type CommitFate = 'committed' | 'answer lost' | 'lost';

/** The server behind the connections. */
export interface StoreServer {
  readonly rows: MemoryRows;
  readonly hasFence: boolean;
  fateOfCommit(shard: number, epoch: number): CommitFate;
  epoch(shard: number): number;
  take(shard: number): Promise<number>;
  begin(shard: number): Promise<MemoryTransaction>;
  end(shard: number, tx: MemoryTransaction): void;
  statement<T>(work: (tx: MemoryTransaction) => Promise<T>): Promise<T>;
  versions(which: 'status' | 'completeness' | 'farewell', statement: RunStatement): MemoryVersions;
  nextNumber(): number;
}

export type RunStatement = <T>(work: (tx: MemoryTransaction) => Promise<T>) => Promise<T>;

/** One process's way to the database: the time that its questions take passes on that process's clock. */
export class MemoryStore implements EngineStore {
  readonly statuses: MemoryVersions;
  readonly completeness: MemoryVersions;
  readonly farewells: MemoryVersions;

  constructor(
    private readonly database: StoreServer,
    private readonly reach: (step: StoreStep) => Promise<void>,
  ) {
    const statement = <T>(work: (tx: MemoryTransaction) => Promise<T>): Promise<T> => this.statement(work);
    this.statuses = database.versions('status', statement);
    this.completeness = database.versions('completeness', statement);
    this.farewells = database.versions('farewell', statement);
  }

  async take(shard: number, _owner: string): Promise<number> {
    await this.reach('take');
    const epoch = await this.database.take(shard);
    await this.reach('answer');
    return epoch;
  }

  async currentEpoch(shard: number): Promise<number> {
    await this.reach('read');
    return this.database.epoch(shard);
  }

  async fenced<T>(shard: number, epoch: number, work: (unit: UnitOfWork) => Promise<T>): Promise<T> {
    await this.reach('begin');
    const tx = await this.database.begin(shard);
    try {
      const current = this.database.epoch(shard);
      if (this.database.hasFence && current !== epoch) throw new FencedOut(shard, epoch, current);
      const { statuses, completeness, farewells } = this;
      const nextNumber = (): number => this.database.nextNumber();
      const { rows } = this;
      const unit = new MemoryUnit({ tx, shard, rows, statuses, completeness, farewells, nextNumber });
      const result = await work(unit);
      await this.reach('commit');
      const fate = this.database.fateOfCommit(shard, epoch);
      if (fate === 'lost') throw new StoreAway('the session was lost before its commit');
      tx.commit();
      await this.reach('answer');
      if (fate === 'answer lost') throw new StoreAway('the answer to a commit was lost');
      return result;
    } catch (error) {
      tx.rollback();
      throw error;
    } finally {
      this.database.end(shard, tx);
    }
  }

  isTransient(error: unknown): boolean {
    return error instanceof StoreAway;
  }

  isFenced(error: unknown): boolean {
    return error instanceof FencedOut;
  }

  noticePosition(shard: number) {
    return this.statement(async (tx) => tx.read(this.rows.position, String(shard)) ?? 0n);
  }

  lanes(shard: number, tenantId?: string) {
    const isMeant = (row: { readonly shard: number; readonly tenantId: string }): boolean =>
      row.shard === shard && (tenantId === undefined || row.tenantId === tenantId);
    return this.statement(async (tx) => ({
      lanes: tx.find(this.rows.lane, isMeant).map(([, lane]) => ({ tenantId: lane.tenantId, state: lane.state })),
      cursors: tx
        .find(this.rows.cursor, isMeant)
        .map(([, row]) => ({ tenantId: row.tenantId, resource: row.resource, cursor: row.cursor })),
      resources: tx.find(this.rows.resource, isMeant).map(([, { shard: _shard, ...row }]) => row),
    }));
  }

  pending(shard: number, tenantIds: readonly string[]) {
    return this.statement(async (tx) =>
      tx
        .find(this.rows.pending, (row) => row.shard === shard && tenantIds.includes(row.tenantId))
        .map(([, row]) => entryOf(row)),
    );
  }

  mirrorRows(refs: readonly RecordRef[]): Promise<MirrorRow[]> {
    return this.statement(async (tx) => refs.flatMap((ref) => tx.read(this.rows.record, refKey(ref))?.row ?? []));
  }

  liveIds(at: ReadBefore): Promise<string[]> {
    return this.statement(async (tx) => tx.find(this.rows.record, isLiveBefore(at)).map(([, { row }]) => row.recordId));
  }

  async liveIdsBetween(at: ReadBefore, above: string, upTo: string | null): Promise<string[]> {
    const ids = await this.liveIds(at);
    return ids.filter(
      (id) => /^[0-9]{1,18}$/.test(id) && BigInt(id) > BigInt(above) && (upTo === null || BigInt(id) <= BigInt(upTo)),
    );
  }

  liveIdsOfWhole(at: ReadBefore, wholeId: string): Promise<string[]> {
    const isPart = ({ row }: { readonly row: { readonly whole: string | null } }): boolean => row.whole === wholeId;
    return this.statement(async (tx) =>
      tx
        .find(this.rows.record, (record) => isLiveBefore(at)(record) && isPart(record))
        .map(([, { row }]) => row.recordId),
    );
  }

  rowsWithBodies(refs: readonly RecordRef[]) {
    return this.statement(async (tx) =>
      refs.flatMap((ref) => {
        const stored = tx.read(this.rows.record, refKey(ref));
        return stored === undefined ? [] : [withBody(tx, this.rows, stored)];
      }),
    );
  }

  unseenRecords(refs: readonly RecordRef[]): Promise<RecordRef[]> {
    return this.statement(async (tx) =>
      refs.filter((ref) => {
        const stored = tx.read(this.rows.record, refKey(ref));
        return stored !== undefined && isUnseen(stored);
      }),
    );
  }

  unconfirmedRecords(shard: number, limit: number, after: RecordRef | null) {
    const from = after === null ? '' : refKey(after);
    return this.statement(async (tx) =>
      tx
        .find(this.rows.record, (stored) => stored.shard === shard && isUnseen(stored))
        .filter(([key]) => key > from)
        .sort(([a], [b]) => byKey(a, b))
        .slice(0, limit)
        .map(([, stored]) => withBody(tx, this.rows, stored)),
    );
  }

  logOffsets(tenantId: string, resource: string): Promise<ReadonlyMap<number, bigint> | null> {
    return this.statement(async (tx) => {
      const found = tx.find(this.rows.record, ({ row }) => row.tenantId === tenantId && row.resource === resource);
      const offsets = new Map<number, bigint>();
      for (const [, { row, logVersion, logPartition, logOffset }] of found) {
        const isNew = row.change === 'created' && row.previousVersion === null;
        if (logVersion === null && !isNew) return null;
        if (logPartition === null || logOffset === null) continue;
        const next = offsets.get(logPartition) ?? 0n;
        if (logOffset >= next) offsets.set(logPartition, logOffset + 1n);
      }
      return offsets;
    });
  }

  noteSeenRecords(seen: readonly SeenRecord[], shardOf: (tenantId: string) => number): Promise<void> {
    return this.statement((tx) =>
      noteSeenRecords(tx, this.rows, seen, { shardOf, nextNumber: () => this.database.nextNumber() }),
    );
  }

  notedUpTo(resource: string) {
    return this.statement(async (tx) => {
      const found = tx.find(this.rows.readBack, (row) => row.resource === resource);
      return new Map(found.map(([, { partition, next }]) => [partition, next]));
    });
  }

  republish(shard: number, limit: number) {
    return this.statement(async (tx) =>
      tx
        .find(this.rows.republish, (row) => row.shard === shard)
        .sort(([, a], [, b]) => a.noted - b.noted)
        .slice(0, limit)
        .map(([, { shard: _shard, noted: _noted, ...row }]) => row),
    );
  }

  located(ref: RecordRef): Promise<LocatedRow | null> {
    return this.statement(async (tx) => {
      const found = tx.read(this.rows.record, refKey(ref));
      if (found === undefined) return null;
      const { row, logVersion: version, logPartition: partition, logOffset: offset } = found;
      const isSeen = version !== null && partition !== null && offset !== null;
      return { row, log: isSeen ? { version, partition, offset } : null };
    });
  }

  recordsOf(
    filter: RecordFilter,
    after: Pick<RecordRef, 'resource' | 'recordId'> | null,
    limit: number,
  ): Promise<RecordRef[]> {
    const placeOf = (ref: Pick<RecordRef, 'resource' | 'recordId'>): string => `${ref.resource}\0${ref.recordId}`;
    return this.statement(async (tx) =>
      tx
        .find(this.rows.record, ({ row }) => isMeant(row, filter) && (after === null || placeOf(row) > placeOf(after)))
        .map(([, { row }]) => ({ tenantId: row.tenantId, resource: row.resource, recordId: row.recordId }))
        .sort((a, b) => byKey(placeOf(a), placeOf(b)))
        .slice(0, limit),
    );
  }

  requests(shard: number) {
    return this.statement(async (tx) =>
      tx
        .find(this.rows.request, (row) => row.shard === shard)
        .map(([, { shard: _shard, ...row }]) => row)
        .sort((a, b) => byKey(`${a.tenantId}\0${a.requestId}`, `${b.tenantId}\0${b.requestId}`)),
    );
  }

  purges(shard: number) {
    return this.statement(async (tx) =>
      tx.find(this.rows.purge, (row) => row.shard === shard).map(([, { shard: _shard, ...purge }]) => purge),
    );
  }

  restoredTenants(receipts: readonly { readonly tenantId: string; readonly upTo: number }[]): Promise<string[]> {
    return this.statement(async (tx) =>
      receipts
        .filter(({ tenantId, upTo }) => {
          const old = tx.find(this.rows.record, ({ row }) => row.tenantId === tenantId && row.version <= upTo);
          return old.length > 0;
        })
        .map(({ tenantId }) => tenantId),
    );
  }

  countLeft(tenantId: string, upTo: number) {
    return this.statement(async (tx) => {
      const rows = tx.find(this.rows.record, ({ row }) => row.tenantId === tenantId).map(([, { row }]) => row);
      const live = rows.filter((row) => !row.deleted).length;
      return { live, tombstones: rows.filter((row) => row.deleted && row.version <= upTo).length };
    });
  }

  unseenBeside(tenantId: string, enabled: readonly string[], limit: number): Promise<MirrorRow[]> {
    return this.statement(async (tx) =>
      tx
        .find(
          this.rows.record,
          (stored) => stored.row.tenantId === tenantId && !enabled.includes(stored.row.resource) && isUnseen(stored),
        )
        .slice(0, limit)
        .map(([, { row }]) => row),
    );
  }

  dueMarkers(shard: number, now: number, limit: number) {
    return this.statement(async (tx) =>
      tx
        .find(this.rows.marker, (row) => row.shard === shard && row.dueAt <= now)
        .map(([, { shard: _shard, ...marker }]) => marker)
        .sort((a, b) => a.dueAt - b.dueAt)
        .slice(0, limit),
    );
  }

  private get rows(): MemoryRows {
    return this.database.rows;
  }

  /** One statement outside of a unit of work. */
  private async statement<T>(work: (tx: MemoryTransaction) => Promise<T>): Promise<T> {
    await this.reach('read');
    return this.database.statement(work);
  }
}

function isMeant(row: MirrorRow, { tenantId, resources, from, to, withDeleted }: RecordFilter): boolean {
  const at = row.modifiedAt ?? row.version;
  const isOf = row.tenantId === tenantId && resources.includes(row.resource) && (withDeleted || !row.deleted);
  return isOf && (from === null || at >= from) && (to === null || at < to);
}

const isUnseen = ({ row, logVersion }: StoredRecord): boolean => logVersion !== row.version;

function isLiveBefore(at: ReadBefore): (stored: StoredRecord) => boolean {
  return ({ row }) =>
    row.tenantId === at.tenantId && row.resource === at.resource && !row.deleted && row.readSeq < at.readBefore;
}

function withBody(tx: MemoryTransaction, rows: MemoryRows, { row }: StoredRecord) {
  return { row, body: tx.read(rows.body, refKey(row))?.body ?? null };
}
