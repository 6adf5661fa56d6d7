import { testDatabase } from '@relay/testing';
import { Client } from 'pg';
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { expect, it, onTestFinished, type TestContext } from 'vitest';
import { runMigrations } from './run-migrations.js';
import { shardMigration } from './shard-migration.js';

class SlowTable1764000000001 implements MigrationInterface {
  name = 'SlowTable1764000000001';
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('create table slow (id int primary key)');
    // Long enough for the others to arrive while it runs.
    await runner.query('select pg_sleep(0.5)');
    await runner.query('insert into slow values (1)');
  }
  async down(): Promise<void> {}
}

class Fails1764000000002 implements MigrationInterface {
  name = 'Fails1764000000002';
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('create table half_done (id int)');
    await runner.query('select * from no_such_table');
  }
  async down(): Promise<void> {}
}

async function connect(url: string): Promise<Client> {
  const client = new Client({ connectionString: url });
  client.on('error', () => undefined);
  onTestFinished(() => client.end());
  await client.connect();
  return client;
}

it('runs each migration once when processes start together, in the schema of the service', async (context: TestContext) => {
  const { url } = await testDatabase(context, 'token-broker');
  const run = () =>
    runMigrations({ service: 'token-broker', url, migrations: [shardMigration, SlowTable1764000000001] });
  const ran = await Promise.all([run(), run(), run()]);
  expect(ran.map((names) => names.length).sort((a, b) => a - b)).toEqual([0, 0, 2]);
  const client = await connect(url);
  const { rows } = await client.query<{ name: string }>(
    `select table_name as name from information_schema.tables where table_schema = 'token_broker' order by 1`,
  );
  expect(rows.map((row) => row.name)).toEqual(['migrations', 'shard', 'slow']);
  expect((await client.query('select * from token_broker.slow')).rowCount).toBe(1);
});

it('keeps nothing of a migration that fails, and frees the lock', async (context: TestContext) => {
  const { url } = await testDatabase(context, 'token-broker');
  const failing = () =>
    runMigrations({ service: 'token-broker', url, migrations: [shardMigration, Fails1764000000002] });
  await expect(failing()).rejects.toThrow(/no_such_table/);
  await expect(failing()).rejects.toThrow(/no_such_table/);
  const client = await connect(url);
  const { rows } = await client.query<{ found: string | null }>(
    `select to_regclass('token_broker.half_done') as found`,
  );
  expect(rows[0]?.found).toBeNull();
  expect(await runMigrations({ service: 'token-broker', url, migrations: [shardMigration] })).toEqual([]);
});

it('does not let services that share a database wait for each other', async (context: TestContext) => {
  const { url } = await testDatabase(context);
  const [broker, sync] = await Promise.all([
    runMigrations({ service: 'token-broker', url, migrations: [SlowTable1764000000001] }),
    runMigrations({ service: 'provet-sync', url, migrations: [shardMigration] }),
  ]);
  expect([broker.length, sync.length]).toEqual([1, 1]);
});
