import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What the vendor grants the client of an EXACT environment. */
export class ShowCapabilities1795748400011 implements MigrationInterface {
  readonly name = 'ShowCapabilities1795748400011';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('alter table credential add column capabilities jsonb');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('alter table credential drop column capabilities');
  }
}
