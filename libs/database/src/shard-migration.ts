import type { MigrationInterface, QueryRunner } from 'typeorm';

class ShardTable1764000000000 implements MigrationInterface {
  name = 'ShardTable1764000000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      `create table shard (
         shard int primary key,
         epoch bigint not null,
         owner text not null,
         taken_at timestamptz not null
       )`,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table shard');
  }
}

/** Makes the table behind `ShardEpochs`. First in the migrations of every service that works in shards. */
export const shardMigration = ShardTable1764000000000;
