import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The engine's tables. Keys start with the tenant id, so that a table can be partitioned by it later. */
export class EngineTables1764000000010 implements MigrationInterface {
  readonly name = 'EngineTables1764000000010';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of STATEMENTS) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    const tables = [
      'republish',
      'record_body',
      'record',
      'resource_state',
      'cursor',
      'pending',
      'lane',
      'notice_position',
    ];
    for (const table of tables) await runner.query(`drop table ${table}`);
    await runner.query('drop sequence pending_generation');
  }
}

const STATEMENTS = [
  'create sequence pending_generation as bigint',
  `create table notice_position (
     shard int primary key,
     next_offset bigint not null
   )`,
  `create table lane (
     tenant_id text primary key,
     shard int not null,
     state jsonb not null
   )`,
  'create index lane_shard on lane (shard)',
  `create table pending (
     tenant_id text not null,
     resource text not null,
     record_id text not null,
     shard int not null,
     generation bigint not null default nextval('pending_generation'),
     cause text not null,
     trigger text,
     delete_trigger boolean not null default false,
     first_notice_at bigint,
     last_notice_at bigint,
     notices int not null default 0,
     attempts int not null default 0,
     next_attempt_at bigint not null,
     parked boolean not null default false,
     pass text,
     run_id text,
     detail jsonb not null default '{}',
     primary key (tenant_id, resource, record_id)
   )`,
  'create index pending_shard on pending (shard)',
  `create table cursor (
     tenant_id text not null,
     resource text not null,
     pass text not null,
     shard int not null,
     state jsonb not null,
     met jsonb,
     primary key (tenant_id, resource, pass)
   )`,
  'create index cursor_shard on cursor (shard)',
  `create table resource_state (
     tenant_id text not null,
     resource text not null,
     shard int not null,
     facts jsonb,
     notices_delivered boolean not null default false,
     records bigint not null default 0,
     notices bigint not null default 0,
     duplicates bigint not null default 0,
     late bigint not null default 0,
     missed bigint not null default 0,
     healed bigint not null default 0,
     deleted bigint not null default 0,
     primary key (tenant_id, resource)
   )`,
  'create index resource_state_shard on resource_state (shard)',
  // Indexed columns never change after the insert, and pages keep room: updates stay within their page (HOT).
  `create table record (
     tenant_id text not null,
     resource text not null,
     record_id text not null,
     shard int not null,
     ordinal bigint generated always as (case when record_id ~ '^[0-9]{1,18}$' then record_id::bigint end) stored,
     version bigint not null,
     deleted boolean not null,
     hash text not null,
     list_hash text,
     modified_at bigint,
     read_seq bigint not null,
     last_notice_at bigint,
     missed boolean not null,
     change text not null,
     changed_fields text not null,
     previous text,
     previous_version bigint,
     lineage text not null,
     source text not null,
     omitted text,
     log_version bigint,
     log_partition int,
     log_offset bigint,
     primary key (tenant_id, resource, record_id)
   ) with (fillfactor = 80)`,
  'create index record_ordinal on record (tenant_id, resource, ordinal)',
  'create index record_shard on record (shard, tenant_id, resource, record_id)',
  `create table record_body (
     tenant_id text not null,
     resource text not null,
     record_id text not null,
     body text not null,
     primary key (tenant_id, resource, record_id)
   )`,
  `create table republish (
     shard int not null,
     tenant_id text not null,
     resource text not null,
     record_id text not null,
     reason text not null,
     seen_version bigint,
     noted_at timestamptz not null default now(),
     primary key (shard, tenant_id, resource, record_id)
   )`,
];
