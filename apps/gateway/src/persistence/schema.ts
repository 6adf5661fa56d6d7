import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * The gateway's only table: registrations that Kafka did not take at the time. The value is text, not jsonb: members that
 * the vendor may add can hold characters that jsonb refuses. The client secret in it is sealed.
 */
export class CreateSpill1795737600001 implements MigrationInterface {
  readonly name = 'CreateSpill1795737600001';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table spill (
        spill_id bigint generated always as identity primary key,
        topic text not null,
        tenant_id text not null,
        message_key text not null,
        value text not null,
        received_at timestamptz not null,
        spilled_at timestamptz not null default now()
      )`);
    await runner.query(`create index spill_order on spill (tenant_id, spill_id)`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`drop table spill`);
  }
}
