import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Tables that are written far more often than they grow. Room in their pages keeps updates within the page (HOT: no index is
 * touched, and the next reader clears away the old version), and dead rows are vacuumed by their number: the usual fifth of a
 * table of millions would be hundreds of thousands.
 */
const HOT_TABLES: Readonly<Record<string, string>> = {
  // Rows live for a moment: what is left of them must go before the table grows by it.
  pending:
    'fillfactor = 70, autovacuum_vacuum_threshold = 500, autovacuum_vacuum_scale_factor = 0.05, autovacuum_analyze_threshold = 500',
  lane: 'fillfactor = 50, autovacuum_vacuum_threshold = 200, autovacuum_vacuum_scale_factor = 0.05',
  cursor: 'fillfactor = 50, autovacuum_vacuum_threshold = 200, autovacuum_vacuum_scale_factor = 0.05',
  resource_state: 'fillfactor = 50, autovacuum_vacuum_threshold = 200, autovacuum_vacuum_scale_factor = 0.05',
  // One row a shard, changed with every batch of notices.
  notice_position: 'fillfactor = 10, autovacuum_vacuum_threshold = 200, autovacuum_vacuum_scale_factor = 0',
  republish: 'autovacuum_vacuum_threshold = 500, autovacuum_vacuum_scale_factor = 0.05',
  // Each version is noted once more when it was seen in the log, a page's rows in one transaction: there must be room for all.
  // With a fifth left free, half of the updates had to leave their page and touch all three indexes.
  record: 'fillfactor = 50, autovacuum_vacuum_scale_factor = 0.05, autovacuum_analyze_scale_factor = 0.05',
  record_body: 'autovacuum_vacuum_scale_factor = 0.05',
};

/** Keeps the hot tables small. */
export class KeepHotTablesSmall1795759200000 implements MigrationInterface {
  readonly name = 'KeepHotTablesSmall1795759200000';

  async up(runner: QueryRunner): Promise<void> {
    for (const [table, settings] of Object.entries(HOT_TABLES))
      await runner.query(`alter table ${table} set (${settings})`);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const [table, settings] of Object.entries(HOT_TABLES)) {
      const names = settings.split(', ').map((setting) => setting.split(' = ')[0]);
      await runner.query(`alter table ${table} reset (${names.join(', ')})`);
    }
    await runner.query('alter table record set (fillfactor = 80)');
  }
}
