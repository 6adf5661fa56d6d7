import type { MigrationInterface, QueryRunner } from 'typeorm';
import { OPEN_HOLD } from './hold-rows.js';

/** Resyncs and replays that operators have asked for, and holds on the deletions of one resource. */
export class KeepSyncRequests1795752000001 implements MigrationInterface {
  readonly name = 'KeepSyncRequests1795752000001';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`create table sync_request (
      request_id text primary key,
      tenant_id text not null,
      kind text not null,
      request jsonb not null,
      status text not null,
      code text,
      detail text,
      progress jsonb,
      requested_at timestamptz not null,
      updated_at timestamptz not null
    )`);
    await runner.query('create index sync_request_tenant on sync_request (tenant_id, requested_at)');
    await runner.query('alter table hold add column resource text');
    await runner.query('drop index hold_open');
    await runner.query(`create unique index hold_open on hold ${OPEN_HOLD}`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop index hold_open');
    await runner.query(`delete from hold where kind = 'deletions'`);
    await runner.query('alter table hold drop column resource');
    await runner.query(`
      create unique index hold_open
        on hold (kind, coalesce(environment, ''), coalesce(tenant_id, ''), coalesce(credential_id, ''))
        where closed_at is null`);
    await runner.query('drop table sync_request');
  }
}
