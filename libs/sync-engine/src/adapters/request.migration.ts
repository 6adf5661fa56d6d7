import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What operators have asked for and is not finished, and when a record was last read. */
export class KeepRequests1795752000000 implements MigrationInterface {
  readonly name = 'KeepRequests1795752000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`create table request (
      tenant_id text not null,
      request_id text not null,
      shard int not null,
      state jsonb not null,
      primary key (tenant_id, request_id)
    )`);
    await runner.query('create index request_shard on request (shard)');
    await runner.query('alter table record add column read_at bigint');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('alter table record drop column read_at');
    await runner.query('drop table request');
  }
}
