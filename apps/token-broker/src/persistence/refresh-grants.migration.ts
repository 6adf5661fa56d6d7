import type { MigrationInterface, QueryRunner } from 'typeorm';

/** People's consents with their refresh tokens, and how many registrations may be tried. */
export class KeepRefreshGrants1795741200000 implements MigrationInterface {
  readonly name = 'KeepRefreshGrants1795741200000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table refresh_grant (
        grant_id text primary key,
        credential_id text not null,
        tenant_id text not null,
        version bigint not null,
        refresh_token text,
        access_token text not null,
        issued_at bigint not null,
        expires_at bigint not null,
        intent_id text,
        intent_at bigint,
        tries integer not null default 0,
        lost text,
        consented_by text,
        consented_at bigint not null
      )`);
    await runner.query(`create index refresh_grant_credential on refresh_grant (credential_id)`);
    // A candidate's 72 hours begin when it was stored: it may have waited long for somebody's approval before.
    await runner.query(`
      alter table candidate
        add column grant_id text,
        add column stored_at bigint not null default (extract(epoch from clock_timestamp()) * 1000)::bigint,
        add column admitted_at bigint,
        add column token_refused_at bigint`);
    await runner.query(`alter table credential add column grant_id text, add column invalid_since bigint`);
    await runner.query(`alter table token add column grant_version bigint`);
    await runner.query(`create table admission (tenant_id text not null, admitted_at bigint not null)`);
    await runner.query(`create index admission_at on admission (admitted_at)`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`drop table admission, refresh_grant`);
    await runner.query(`
      alter table candidate
        drop column grant_id, drop column stored_at, drop column admitted_at, drop column token_refused_at`);
    await runner.query(`alter table credential drop column grant_id, drop column invalid_since`);
    await runner.query(`alter table token drop column grant_version`);
  }
}
