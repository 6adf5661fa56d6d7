import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * What EXACT's client may do. `known` is what was said of it; `found` what the last probe has found, until each scope set
 * has a token. `probes`: when it was asked, in the last hour. Instants are Unix milliseconds.
 */
export class FindGrantedScopes1795748400010 implements MigrationInterface {
  readonly name = 'FindGrantedScopes1795748400010';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`create table exact_scopes (
      credential_id text primary key,
      tenant_id text not null,
      shard integer not null,
      known jsonb,
      found jsonb,
      probes jsonb not null default '[]',
      probe_at bigint not null,
      attempts integer not null default 0,
      due_at bigint
    )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table exact_scopes');
  }
}
