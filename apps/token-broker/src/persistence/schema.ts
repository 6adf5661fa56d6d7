import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * The broker's own tables. Instants are Unix milliseconds. Every secret and token in them is encrypted with the storage
 * keys; nothing in clear is ever written.
 */
export class CreateCredentials1795651200000 implements MigrationInterface {
  readonly name = 'CreateCredentials1795651200000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table candidate (
        ${CONNECTION_COLUMNS},
        attempts integer not null default 0,
        due_at bigint
      )`);
    await runner.query(`create index candidate_tenant on candidate (tenant_id)`);
    await runner.query(`create index candidate_due on candidate (shard, due_at) where due_at is not null`);
    await runner.query(`
      create table credential (
        ${CONNECTION_COLUMNS},
        stage text not null,
        in_force boolean not null,
        code text,
        checked_at bigint not null
      )`);
    await runner.query(`create index credential_tenant on credential (tenant_id)`);
    await runner.query(`create unique index credential_in_force on credential (tenant_id) where in_force`);
    await runner.query(`
      create table token (
        credential_id text not null,
        scopes text not null,
        tenant_id text not null,
        shard integer not null,
        version bigint not null,
        access_token text not null,
        issued_at bigint not null,
        expires_at bigint not null,
        renew_at bigint not null,
        invalid boolean not null default false,
        mints jsonb not null default '[]',
        attempts integer not null default 0,
        retry_at bigint,
        retire_at bigint,
        refused boolean not null default false,
        due_at bigint,
        primary key (credential_id, scopes)
      )`);
    await runner.query(`create index token_due on token (shard, due_at) where due_at is not null`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`drop table token, credential, candidate`);
  }
}

/** What a candidate and a credential that has been tried have in common. */
const CONNECTION_COLUMNS = `
  credential_id text primary key,
  tenant_id text not null,
  shard integer not null,
  client_id text not null,
  client_type text not null,
  grant_type text not null,
  host text,
  token_url text not null,
  scopes text not null,
  secret text,
  source text not null,
  received_at bigint not null`;
