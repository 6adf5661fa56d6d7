import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Which webhooks of a tenant call us, and which key each of them uses: the name of the key alone. Unix milliseconds. */
export class NoteWebhooks1795748400000 implements MigrationInterface {
  readonly name = 'NoteWebhooks1795748400000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`create table webhook_listing (
      tenant_id text primary key,
      listed_at bigint not null,
      hooks jsonb not null
    )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table webhook_listing');
  }
}
