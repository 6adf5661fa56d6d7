import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Which whole a part belongs to. Rows that are there learn it with their next reading; until then sweeps find them gone. */
export class KeepWholes1795770000000 implements MigrationInterface {
  readonly name = 'KeepWholes1795770000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('alter table record add column whole text');
    // Most records are no parts. One that is rarely changes its whole, so other updates stay within their page.
    await runner.query('create index record_whole on record (tenant_id, resource, whole) where whole is not null');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop index record_whole');
    await runner.query('alter table record drop column whole');
  }
}
