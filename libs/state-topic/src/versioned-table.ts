import { partitionOf } from '@relay/contracts';
import type { Database, MigrationClass, Tx } from '@relay/database';
import { VERSION_HEADER } from './read-back.js';
import type { Scope, Seen, StateMessage, StateStore } from './state-store.js';
import { versionedTableMigration } from './versioned-table.migration.js';

export interface VersionedTableOptions {
  readonly database: Database;
  /** Made by `VersionedTable.migration(table)`. One table holds the rows of one topic; the row key is the message key. */
  readonly table: string;
  /** Without the prefix. */
  readonly topic: string;
  readonly partitions: number;
}

export interface VersionedRow {
  /** The message's key. */
  readonly rowKey: string;
  /** What the partition follows from: the tenant id, or `exact:<environment>`. */
  readonly partitionKey: string;
  readonly version: number;
  /** null: a tombstone. A `version` member must be the row's. */
  readonly value: object | null;
  /** Compare-and-set: the version that the row must have now; null = it must not exist. Default: any lower one. */
  readonly expected?: number | null;
}

interface Row {
  readonly row_key: string;
  readonly version: string;
  readonly partition: number;
  readonly value: object | null;
}

/** Orders a migration among the service's others (13 digits); right after the shard table's. */
const MIGRATION_TIMESTAMP = 1_764_000_000_001;

/** Unix milliseconds, or one more than the last version: never falls, also over a restored database. */
export function nextVersion(previous: number | null, now: number = Date.now()): number {
  return previous === null ? now : Math.max(previous + 1, now);
}

/** A StateStore in Postgres for small control topics: tenant, credential, token, sync-status. */
export class VersionedTable implements StateStore {
  constructor(private readonly options: VersionedTableOptions) {
    if (!/^[a-z][a-z0-9_]*$/.test(options.table)) throw new Error(`${options.table} is no table name`);
  }

  /** The migration that makes the table; for the service's list. */
  static migration(table: string, timestamp = MIGRATION_TIMESTAMP): MigrationClass {
    return versionedTableMigration(table, timestamp);
  }

  /** Writes a row in the caller's transaction. Returns what to publish after the commit; null when the set was lost. */
  async put(tx: Tx, row: VersionedRow): Promise<StateMessage | null> {
    const { table } = this.options;
    const partition = partitionOf(row.partitionKey, this.options.partitions);
    const value = row.value === null ? null : JSON.stringify(row.value);
    const values = [row.rowKey, row.version, partition, value];
    const insert = `insert into ${table} (row_key, version, partition, value) values ($1, $2, $3, $4)`;
    const update = `update set version = excluded.version, partition = excluded.partition, value = excluded.value`;
    const rows =
      row.expected === null
        ? await tx.query(`${insert} on conflict (row_key) do nothing returning row_key`, values)
        : row.expected === undefined
          ? await tx.query(
              `${insert} on conflict (row_key) do ${update} where ${table}.version < excluded.version returning row_key`,
              values,
            )
          : await tx.query(
              `update ${table} set version = $2, partition = $3, value = $4
               where row_key = $1 and version = $5 and version < $2 returning row_key`,
              [...values, row.expected],
            );
    return rows.length === 0 ? null : this.#message(row.rowKey, row.version, partition, value);
  }

  /** The row as it is, inside the caller's transaction or outside of one. */
  async get(rowKey: string, tx: Tx = this.options.database): Promise<{ version: number; value: object | null } | null> {
    const [row] = await tx.query<Row>(`select * from ${this.options.table} where row_key = $1`, [rowKey]);
    return row === undefined ? null : { version: Number(row.version), value: row.value };
  }

  async present(rowKeys: readonly string[]): Promise<StateMessage[]> {
    const rows = await this.options.database.query<Row>(
      `select row_key, version, partition, value from ${this.options.table} where row_key = any($1)`,
      [rowKeys],
    );
    return rows.map((row) => this.#messageOf(row));
  }

  async unseen(rowKeys: readonly string[]): Promise<string[]> {
    const rows = await this.options.database.query<Row>(
      `select row_key from ${this.options.table} where row_key = any($1) and seen_version is distinct from version`,
      [rowKeys],
    );
    return rows.map((row) => row.row_key);
  }

  async unconfirmed({ shard }: Scope, limit: number, after = ''): Promise<StateMessage[]> {
    const rows = await this.options.database.query<Row>(
      `select row_key, version, partition, value from ${this.options.table}
       where seen_version is distinct from version and row_key > $1 and ($2::int is null or partition = $2)
       order by row_key limit $3`,
      [after, shard ?? null, limit],
    );
    return rows.map((row) => this.#messageOf(row));
  }

  async noteSeen(seen: readonly Seen[]): Promise<readonly string[]> {
    // In key order: two processes that note the same rows for a moment (a rebalance) lock them alike.
    const sorted = [...seen].sort((a, b) => (a.rowKey < b.rowKey ? -1 : 1));
    const columns = [
      sorted.map((s) => s.rowKey),
      sorted.map((s) => s.version),
      sorted.map((s) => s.partition),
      sorted.map((s) => String(s.offset)),
    ];
    const rows = await this.options.database.query<{ row_key: string; is_odd: boolean; is_ahead: boolean }>(
      `update ${this.options.table} t
       set seen_version = s.version, seen_partition = s.partition, seen_offset = s.log_offset
       from unnest($1::text[], $2::bigint[], $3::int[], $4::bigint[]) as s(row_key, version, partition, log_offset)
       where t.row_key = s.row_key and (t.seen_offset is null or s.log_offset > t.seen_offset)
       returning t.row_key, s.version is distinct from t.version as is_odd, s.version > t.version as is_ahead`,
      columns,
    );
    const ahead = rows.filter((row) => row.is_ahead).map((row) => row.row_key);
    if (ahead.length > 0) await this.#overtake(ahead);
    return rows.filter((row) => row.is_odd).map((row) => row.row_key);
  }

  /** The log is ahead of the row: the database was restored. Consumers would drop the row's version, so it goes above. */
  async #overtake(rowKeys: readonly string[]): Promise<void> {
    await this.options.database.query(
      `update ${this.options.table} t set version = n.version,
         value = case when t.value ? 'version' then jsonb_set(t.value, '{version}', to_jsonb(n.version)) else t.value end
       from (select row_key, greatest(seen_version + 1, (extract(epoch from clock_timestamp()) * 1000)::bigint) as version
             from ${this.options.table} where row_key = any($1) and seen_version > version) n
       where t.row_key = n.row_key and t.seen_version > t.version`,
      [rowKeys],
    );
  }

  #messageOf(row: Row): StateMessage {
    const value = row.value === null ? null : JSON.stringify(row.value);
    return this.#message(row.row_key, Number(row.version), row.partition, value);
  }

  #message(rowKey: string, version: number, partition: number, value: string | null): StateMessage {
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
