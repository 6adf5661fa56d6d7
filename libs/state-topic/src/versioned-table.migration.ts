import type { MigrationClass } from '@relay/database';

/**
 * The table of a VersionedTable. `seen_*` says what the log's last message of the row is; no index on it, so that noting
 * it stays a heap-only update.
 */
export function versionedTableMigration(table: string, timestamp: number): MigrationClass {
  if (!/^[a-z][a-z0-9_]*$/.test(table)) throw new Error(`${table} is no table name`);
  const name = `VersionedTable_${table}${timestamp}`;
  return class {
    readonly name = name;

    async up(runner: { query(sql: string): Promise<unknown> }): Promise<void> {
      await runner.query(`create table ${table} (
        row_key text primary key,
        version bigint not null,
        partition int not null,
        value jsonb,
        seen_version bigint,
        seen_partition int,
        seen_offset bigint
      ) with (fillfactor = 80)`);
    }

    async down(runner: { query(sql: string): Promise<unknown> }): Promise<void> {
      await runner.query(`drop table ${table}`);
    }
  };
}
