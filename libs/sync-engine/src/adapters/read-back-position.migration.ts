import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * How far each record topic was read back. It is committed with what was noted, so it goes back with the database: after a
 * restore the log is read again from there. Empty at first: the topics are read back whole once.
 */
export class KeepReadBackPositions1795766400001 implements MigrationInterface {
  readonly name = 'KeepReadBackPositions1795766400001';

  async up(runner: QueryRunner): Promise<void> {
    // One row a partition, changed with every batch: there must be room for its versions in its page.
    await runner.query(`create table read_back_position (
      resource text not null,
      partition int not null,
      next_offset bigint not null,
      primary key (resource, partition)
    ) with (fillfactor = 10, autovacuum_vacuum_threshold = 200, autovacuum_vacuum_scale_factor = 0)`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table read_back_position');
  }
}
