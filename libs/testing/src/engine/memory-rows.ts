import type {
  CursorWrite,
  LaneWrite,
  Marker,
  MirrorRow,
  PendingEntry,
  PurgeRow,
  RecordRef,
  RepublishRow,
  RequestRow,
  ResourceRow,
} from '@relay/sync-engine';
import { MemoryTable } from './memory-tables.js';

/** A mirror row with what was seen of it in the log. */
export interface StoredRecord {
  readonly shard: number;
  readonly row: MirrorRow;
  readonly logVersion: number | null;
  readonly logPartition: number | null;
  readonly logOffset: bigint | null;
}

/** A row of a versioned table. */
export interface StoredVersion {
  readonly rowKey: string;
  readonly version: number;
  readonly partition: number;
  readonly value: string | null;
  readonly seenVersion: number | null;
  readonly seenOffset: bigint | null;
}

type InShard<V> = V & { readonly shard: number };

/** The engine's tables, as its migrations make them in PostgreSQL. */
export class MemoryRows {
  readonly shard = new MemoryTable<number>();
  readonly record = new MemoryTable<StoredRecord>();
  readonly body = new MemoryTable<RecordRef & { readonly body: string }>();
  readonly pending = new MemoryTable<InShard<PendingEntry>>();
  readonly lane = new MemoryTable<InShard<LaneWrite>>();
  readonly cursor = new MemoryTable<InShard<CursorWrite>>();
  readonly resource = new MemoryTable<InShard<ResourceRow>>();
  readonly position = new MemoryTable<bigint>();
  readonly readBack = new MemoryTable<{
    readonly resource: string;
    readonly partition: number;
    readonly next: bigint;
  }>();
  readonly republish = new MemoryTable<InShard<RepublishRow> & { readonly noted: number }>();
  readonly request = new MemoryTable<InShard<RequestRow>>();
  readonly purge = new MemoryTable<InShard<PurgeRow>>();
  readonly marker = new MemoryTable<InShard<Marker>>();
  readonly status = new MemoryTable<StoredVersion>();
  readonly completeness = new MemoryTable<StoredVersion>();
  readonly farewell = new MemoryTable<StoredVersion>();

  /** A backup: later changes do not reach it. */
  copy(): RowsBackup {
    return new Map(Object.entries(this).map(([name, table]) => [name, new Map((table as MemoryTable<unknown>).rows)]));
  }

  /** Everything as it was in the backup. */
  restore(backup: RowsBackup): void {
    for (const [name, table] of Object.entries(this)) {
      (table as MemoryTable<unknown>).rows = new Map(backup.get(name));
    }
  }
}

export type RowsBackup = ReadonlyMap<string, ReadonlyMap<string, unknown>>;

export function refKey({ tenantId, resource, recordId }: RecordRef): string {
  return `${tenantId}\0${resource}\0${recordId}`;
}

/** Texts in the order of their bytes, as the tables of a service sort them. */
export const byKey = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
