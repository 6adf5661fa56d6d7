import type { MigrationClass } from '@relay/database';

/** The table that entries wait in, of a service that did not have it from the start. `timestamp`: 13 digits. */
export function auditOutboxMigration(timestamp: number): MigrationClass {
  const name = `AuditOutbox${timestamp}`;
  return class {
    readonly name = name;

    async up(runner: { query(sql: string): Promise<unknown> }): Promise<void> {
      await runner.query(`create table audit_outbox (
        entry_id bigint generated always as identity primary key,
        message_key text not null,
        value jsonb not null
      )`);
    }

    async down(runner: { query(sql: string): Promise<unknown> }): Promise<void> {
      await runner.query('drop table audit_outbox');
    }
  };
}
