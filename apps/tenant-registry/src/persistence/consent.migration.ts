import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Invitations to consent, whether a credential's registration names our callback, and who consented with it. */
export class AddConsent1795737600001 implements MigrationInterface {
  readonly name = 'AddConsent1795737600001';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`alter table tenant add column invites jsonb not null default '[]'`);
    await runner.query(`alter table credential add column redirect_ok boolean, add column consented_by text`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`alter table credential drop column redirect_ok, drop column consented_by`);
    await runner.query(`alter table tenant drop column invites`);
  }
}
