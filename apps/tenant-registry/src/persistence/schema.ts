import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The registry's own tables. `tenant` is what the registry knows; what others see of it lies in the outbox of tenant.v1. */
export class CreateRegistry1780000000001 implements MigrationInterface {
  readonly name = 'CreateRegistry1780000000001';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of STATEMENTS) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of ['audit_outbox', 'sync_status', 'hold', 'environment', 'credential', 'tenant']) {
      await runner.query(`drop table if exists ${table}`);
    }
  }
}

const STATEMENTS = [
  `create table tenant (
    tenant_id text primary key,
    vendor text not null,
    state text not null,
    reason text,
    since timestamptz not null,
    facts jsonb not null,
    version bigint not null,
    changed_at timestamptz not null,
    host text,
    scheme text,
    provet_id bigint,
    environment text,
    practice_id text,
    grant_type text not null,
    credential_id text,
    external_id text,
    vendor_name text,
    given_name text,
    labels jsonb not null default '{}',
    details jsonb,
    created_at timestamptz not null
  )`,
  // The subscription list is compared with all practices of its environment.
  `create index tenant_environment on tenant (environment) where environment is not null`,
  // What the token-broker and the registrations say of each credential. Never a secret.
  `create table credential (
    credential_id text primary key,
    owner text not null,
    grant_type text,
    scheme text,
    registered_at timestamptz,
    health text,
    in_force boolean not null default false,
    version bigint not null default 0,
    checked_at timestamptz,
    expires_at timestamptz,
    code text
  )`,
  `create index credential_owner on credential (owner)`,
  `create table environment (
    environment text primary key,
    observed_at timestamptz,
    practice_count integer,
    credential_id text
  )`,
  `create table hold (
    hold_id text primary key,
    kind text not null,
    tenant_id text,
    environment text,
    detail jsonb not null,
    raised_at timestamptz not null,
    closed_at timestamptz,
    outcome text
  )`,
  // One open hold an environment (contract §4).
  `create unique index hold_open on hold (kind, coalesce(environment, ''), coalesce(tenant_id, '')) where closed_at is null`,
  `create table sync_status (
    tenant_id text not null,
    resource text not null,
    updated_at timestamptz not null,
    value jsonb not null,
    primary key (tenant_id, resource)
  )`,
  // Audit entries wait here, written in the transaction of what they tell of, until audit.v1 has them.
  `create table audit_outbox (
    entry_id bigint generated always as identity primary key,
    message_key text not null,
    value jsonb not null
  )`,
];
