import { testDatabase, testServer, type TestScope } from '@relay/testing';
import { randomBytes } from 'node:crypto';
import { Client } from 'pg';

/** A database with an account of its own, whose password the test knows. */
export async function plantedDatabase(scope: TestScope, password: string): Promise<string> {
  const server = testServer('DATABASE_URL');
  const role = `planted_${randomBytes(5).toString('hex')}`;
  await run(server, `create role ${role} login password '${password.replaceAll("'", "''")}'`);
  // Cleaned up after the database, which goes first.
  scope.onTestFinished(async () => {
    await run(server, `drop role if exists ${role}`).catch(() => undefined);
  });
  const { url: own } = await testDatabase(scope);
  const url = new URL(own);
  await run(server, `grant create, connect, temporary on database ${url.pathname.slice(1)} to ${role}`);
  url.username = role;
  url.password = encodeURIComponent(password);
  return url.href;
}

/** Every row of every table, as text. */
export async function dumpTables(databaseUrl: string): Promise<{ table: string; text: string }[]> {
  const tables = await run(
    databaseUrl,
    `select format('%I.%I', schemaname, tablename) as name from pg_tables
     where schemaname not in ('pg_catalog', 'information_schema')`,
  );
  return Promise.all(
    tables.map(async ({ name }) => {
      const rows = await run(databaseUrl, `select t::text as name from ${name} t`);
      return { table: name, text: rows.map((row) => row.name).join('\n') };
    }),
  );
}

async function run(url: string, sql: string): Promise<{ name: string }[]> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 10_000 });
  client.on('error', () => undefined);
  try {
    await client.connect();
    return (await client.query<{ name: string }>(sql)).rows;
  } finally {
    await client.end().catch(() => undefined);
  }
}
