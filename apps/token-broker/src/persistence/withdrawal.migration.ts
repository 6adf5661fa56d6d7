import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Withdrawn tenants whose tokens are still to be revoked. Instants are Unix milliseconds. */
export class RevokeBeforeDestroying1795744800002 implements MigrationInterface {
  readonly name = 'RevokeBeforeDestroying1795744800002';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`create table withdrawal (
      tenant_id text primary key,
      shard integer not null,
      withdrawn_at bigint not null,
      attempts integer not null default 0,
      due_at bigint not null
    )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table withdrawal');
  }
}
