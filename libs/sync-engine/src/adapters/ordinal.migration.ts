import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The resource of a tenant as one value: neither name holds a line break. */
export const SET_OF_RECORD = String.raw`(tenant_id || E'\n' || resource)`;

/**
 * The number in a record's id is worked out anew, and its index leads with one value instead of two columns.
 *
 * As a regular expression it took the server longer than the rest of a row: Postgres builds the automaton of a pattern with
 * every use. And as long as nothing has counted the rows of a new table, an index on tenant, resource and number looked as good
 * as the primary key for finding one record: then each record was looked for among all of its tenant's.
 */
export class ReadOrdinalsCheaply1795768200000 implements MigrationInterface {
  readonly name = 'ReadOrdinalsCheaply1795768200000';

  async up(runner: QueryRunner): Promise<void> {
    await renewed(runner, `record_id <> '' and length(record_id) <= 18 and ltrim(record_id, '0123456789') = ''`);
    await runner.query(`create index record_ordinal on record (${SET_OF_RECORD}, ordinal)`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await renewed(runner, `record_id ~ '^[0-9]{1,18}$'`);
    await runner.query('create index record_ordinal on record (tenant_id, resource, ordinal)');
  }
}

/** Rewrites the table once; its index goes with the column. */
async function renewed(runner: QueryRunner, isNumber: string): Promise<void> {
  await runner.query('alter table record drop column ordinal');
  await runner.query(
    `alter table record add column ordinal bigint generated always as (case when ${isNumber} then record_id::bigint end) stored`,
  );
}
