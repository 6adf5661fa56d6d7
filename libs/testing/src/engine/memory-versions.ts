import { partitionOf } from '@relay/contracts';
import {
  VERSION_HEADER,
  type Scope,
  type Seen,
  type StateMessage,
  type StateStore,
  type VersionedRow,
} from '@relay/state-topic';
import { byKey, type StoredVersion } from './memory-rows.js';
import type { MemoryTable, MemoryTransaction } from './memory-tables.js';

export interface MemoryVersionsOptions {
  readonly topic: string;
  readonly partitions: number;
  now(): number;
  /** Runs one statement outside of a unit of work. */
  statement<T>(work: (tx: MemoryTransaction) => Promise<T>): Promise<T>;
}

/** The rows of a compacted control topic, in memory: what `VersionedTable` is in PostgreSQL. */
export class MemoryVersions implements StateStore {
  constructor(
    private readonly table: MemoryTable<StoredVersion>,
    private readonly options: MemoryVersionsOptions,
  ) {}

  get(tx: MemoryTransaction, rowKey: string): { version: number; value: object | null } | null {
    const row = tx.read(this.table, rowKey);
    if (row === undefined) return null;
    return { version: row.version, value: row.value === null ? null : (JSON.parse(row.value) as object) };
  }

  /** Writes a row under the conditions that it names. */
  async put(tx: MemoryTransaction, row: VersionedRow): Promise<StateMessage | null> {
    const { rowKey, version, expected } = row;
    const partition = partitionOf(row.partitionKey, this.options.partitions);
    const value = row.value === null ? null : JSON.stringify(row.value);
    let fits = false;
    const written = await tx.write(this.table, rowKey, (before) => {
      fits =
        expected === undefined
          ? before === undefined || before.version < version
          : expected === null
            ? before === undefined
            : before?.version === expected && before.version < version;
      if (!fits) return before;
      const { seenVersion = null, seenOffset = null } = before ?? {};
      return { rowKey, version, partition, value, seenVersion, seenOffset };
    });
    return fits && written !== undefined ? this.message(written) : null;
  }

  keysOf(tx: MemoryTransaction, tenantId: string): string[] {
    const rows = tx.find(this.table, (row) => row.value !== null && row.rowKey.startsWith(`${tenantId}/`));
    return rows.map(([key]) => key);
  }

  present(rowKeys: readonly string[]): Promise<StateMessage[]> {
    return this.options.statement(async (tx) =>
      rowKeys.flatMap((key) => {
        const row = tx.read(this.table, key);
        return row === undefined ? [] : [this.message(row)];
      }),
    );
  }

  unseen(rowKeys: readonly string[]): Promise<string[]> {
    return this.options.statement(async (tx) =>
      rowKeys.filter((key) => {
        const row = tx.read(this.table, key);
        return row !== undefined && row.seenVersion !== row.version;
      }),
    );
  }

  unconfirmed({ shard }: Scope, limit: number, after = ''): Promise<StateMessage[]> {
    return this.options.statement(async (tx) =>
      tx
        .find(this.table, (row) => row.seenVersion !== row.version && (shard === undefined || row.partition === shard))
        .filter(([key]) => key > after)
        .sort(([a], [b]) => byKey(a, b))
        .slice(0, limit)
        .map(([, row]) => this.message(row)),
    );
  }

  noteSeen(seen: readonly Seen[]): Promise<string[]> {
    return this.options.statement(async (tx) => {
      const odd: string[] = [];
      for (const { rowKey, version, offset } of [...seen].sort((a, b) => byKey(a.rowKey, b.rowKey))) {
        if (tx.read(this.table, rowKey) === undefined) continue;
        await tx.write(this.table, rowKey, (row) => {
          if (row === undefined || (row.seenOffset !== null && offset <= row.seenOffset)) return row;
          if (version !== row.version) odd.push(rowKey);
          const noted = { ...row, seenVersion: version, seenOffset: offset };
          return version !== null && version > row.version ? this.above(noted, version) : noted;
        });
      }
      return odd;
    });
  }

  /** The log is ahead of the row: the row goes above it. */
  private above(row: StoredVersion, seen: number): StoredVersion {
    const version = Math.max(seen + 1, this.options.now());
    const value = row.value === null ? null : (JSON.parse(row.value) as object);
    const lifted = value !== null && 'version' in value ? { ...value, version } : value;
    return { ...row, version, value: lifted === null ? null : JSON.stringify(lifted) };
  }

  private message({ rowKey, version, partition, value }: StoredVersion): StateMessage {
    const headers: Record<string, string> = { [VERSION_HEADER]: String(version) };
    if (value !== null) headers['content-type'] = 'application/json';
    return {
      rowKey,
      version,
      shard: partition,
      message: { topic: this.options.topic, partition, key: rowKey, value, headers },
    };
  }
}
