import type { ServiceName } from '@relay/contracts';
import { randomBytes } from 'node:crypto';
import { Client } from 'pg';
import { hasFailed, type TestScope } from './scope.js';
import { testServer } from './servers.js';

/** A database of its own; dropped with the scope unless a test in it failed, then its name is printed. */
export async function testDatabase(scope: TestScope, service?: ServiceName): Promise<{ url: string }> {
  const server = testServer('DATABASE_URL');
  const purpose = service === undefined ? '' : `${service.replaceAll('-', '_')}_`;
  const name = `test_${purpose}${randomBytes(5).toString('hex')}`;
  await onServer(server, `create database ${name}`);
  scope.onTestFinished(async () => {
    if (hasFailed(scope)) console.log(`the database ${name} of the failed test is kept`);
    // `force` ends connections that a killed process has left behind.
    else await onServer(server, `drop database if exists ${name} with (force)`);
  });
  const url = new URL(server);
  url.pathname = `/${name}`;
  return { url: url.href };
}

async function onServer(url: string, sql: string): Promise<void> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 10_000 });
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query(sql);
  } finally {
    await client.end().catch(() => undefined);
  }
}
