import { Client } from 'pg';

/**
 * Runs `work` with a database of its own on a server that others may use: what an earlier run has left in a shared one counts
 * against limits, becomes due in the middle of this run, and is encrypted with keys that are gone.
 */
export async function withOwnDatabase<T>(server: string, name: string, work: (url: string) => Promise<T>): Promise<T> {
  await onServer(server, `create database ${name}`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  try {
    return await work(url.href);
  } finally {
    await onServer(server, `drop database if exists ${name} with (force)`);
  }
}

async function onServer(url: string, sql: string): Promise<void> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 10_000 });
  // An error on an idle connection has nobody else to go to, and would end the process.
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query(sql);
  } finally {
    await client.end().catch(() => undefined);
  }
}
