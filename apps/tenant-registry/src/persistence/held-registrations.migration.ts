import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Holds on registrations: the sealed message waits with its hold, as text since jsonb refuses characters that the vendor
 * may send. One tenant may have a hold for each of its clients, so the rule of one open hold takes the credential in.
 */
export class AddHeldRegistrations1795737600002 implements MigrationInterface {
  readonly name = 'AddHeldRegistrations1795737600002';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      alter table hold add column credential_id text, add column registration text, add column expires_at timestamptz`);
    await runner.query(`drop index hold_open`);
    await runner.query(`
      create unique index hold_open
        on hold (kind, coalesce(environment, ''), coalesce(tenant_id, ''), coalesce(credential_id, ''))
        where closed_at is null`);
    await runner.query(`create index hold_credential on hold (credential_id) where credential_id is not null`);
    await runner.query(`alter table credential add column invalid_since timestamptz`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`alter table credential drop column invalid_since`);
    await runner.query(`drop index hold_open`);
    await runner.query(`delete from hold where credential_id is not null`);
    await runner.query(`alter table hold drop column credential_id, drop column registration, drop column expires_at`);
    await runner.query(`
      create unique index hold_open on hold (kind, coalesce(environment, ''), coalesce(tenant_id, ''))
        where closed_at is null`);
  }
}
