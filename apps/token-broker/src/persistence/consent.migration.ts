import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * What consent needs: where a person consents with a credential, which invitations are open, and which visits to the
 * vendor are under way. Invites and states lie here as digests only; what a visit needs of secrets is encrypted.
 */
export class AddConsent1795737600000 implements MigrationInterface {
  readonly name = 'AddConsent1795737600000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`alter table candidate add column consent jsonb`);
    await runner.query(`alter table credential add column consent jsonb`);
    await runner.query(`
      create table consent_invite (
        sha256 text primary key,
        tenant_id text not null,
        expires_at bigint not null,
        replace_working_grant boolean not null,
        claimed_until bigint,
        used_at bigint
      )`);
    await runner.query(`create index consent_invite_tenant on consent_invite (tenant_id)`);
    await runner.query(`
      create table consent_state (
        sha256 text primary key,
        invite_sha256 text not null,
        tenant_id text not null,
        credential_id text not null,
        browser_sha256 text not null,
        secrets text,
        provider jsonb,
        expires_at bigint not null,
        used_at bigint
      )`);
    await runner.query(`create index consent_state_invite on consent_state (invite_sha256, expires_at)`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`drop table consent_state, consent_invite`);
    await runner.query(`alter table candidate drop column consent`);
    await runner.query(`alter table credential drop column consent`);
  }
}
