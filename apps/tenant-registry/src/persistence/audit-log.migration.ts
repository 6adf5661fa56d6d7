import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What `GET /audit` answers from: see `AuditRecord`. Every filter alone finds its entries in order. */
export class KeepAudit1795748400000 implements MigrationInterface {
  readonly name = 'KeepAudit1795748400000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`create table audit_entry (
      topic_partition integer not null,
      topic_offset bigint not null,
      entry_id text unique,
      at timestamptz(3) not null,
      actor text not null,
      action text not null,
      tenant_id text,
      reason text,
      detail jsonb,
      primary key (topic_partition, topic_offset)
    )`);
    const place = 'at, topic_partition, topic_offset';
    await runner.query(`create index audit_entry_at on audit_entry (${place})`);
    await runner.query(`create index audit_entry_tenant on audit_entry (tenant_id, ${place})`);
    await runner.query(`create index audit_entry_actor on audit_entry (actor, ${place})`);
    await runner.query(`create index audit_entry_action on audit_entry (action, ${place})`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table audit_entry');
  }
}
