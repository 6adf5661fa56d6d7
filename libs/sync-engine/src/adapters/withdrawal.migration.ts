import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What is under way for tenants that were purged, and the markers that are due afterwards. */
export class KeepPurges1795744800000 implements MigrationInterface {
  readonly name = 'KeepPurges1795744800000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`create table purge (
      tenant_id text primary key,
      shard int not null,
      purged_at text not null,
      up_to bigint,
      counts jsonb not null default '{}'
    )`);
    await runner.query('create index purge_shard on purge (shard)');
    // `partition` is one of the record topic; `shard` is the tenant's, whose owner writes the marker.
    await runner.query(`create table purge_marker (
      shard int not null,
      resource text not null,
      partition int not null,
      number int not null,
      due_at bigint not null,
      primary key (shard, resource, partition, number)
    )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table purge, purge_marker');
  }
}
