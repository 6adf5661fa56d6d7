import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What is counted by trigger beside a resource's counters, and where the notices stood before the last batch. */
export class CountByTrigger1795766400000 implements MigrationInterface {
  readonly name = 'CountByTrigger1795766400000';

  async up(runner: QueryRunner): Promise<void> {
    // Rows are changed far more often than they are added, as those of `resource_state` are.
    await runner.query(`create table trigger_count (
      tenant_id text not null,
      resource text not null,
      trigger text not null,
      shard int not null,
      notices bigint not null,
      duplicates bigint not null,
      late bigint not null,
      missed bigint not null,
      primary key (tenant_id, resource, trigger)
    ) with (fillfactor = 50, autovacuum_vacuum_threshold = 200, autovacuum_vacuum_scale_factor = 0.05)`);
    await runner.query('create index trigger_count_shard on trigger_count (shard)');
    await runner.query('alter table notice_position add column before_offset bigint');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('alter table notice_position drop column before_offset');
    await runner.query('drop table trigger_count');
  }
}
