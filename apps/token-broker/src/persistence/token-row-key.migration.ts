import type { MigrationInterface, QueryRunner } from 'typeorm';

/** A token is found by the key of its published row, without a look at all tokens: that is asked whenever one is read back. */
export class FindTokensByRowKey1795752000000 implements MigrationInterface {
  readonly name = 'FindTokensByRowKey1795752000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`create index token_row_key on token ((credential_id || '#' || scopes))`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop index token_row_key');
  }
}
