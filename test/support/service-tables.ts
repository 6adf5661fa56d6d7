import type { ServiceName } from '@relay/contracts';
import type { ServiceTables, TestScope } from '@relay/testing';
import { Client } from 'pg';

/** The tables of one service of a relay under test, as somebody sees them who keeps its database. */
export async function serviceTables(
  scope: TestScope,
  databaseUrl: string,
  service: ServiceName,
): Promise<ServiceTables> {
  const options = `-c search_path=${service.replaceAll('-', '_')}`;
  const client = new Client({ connectionString: databaseUrl, connectionTimeoutMillis: 10_000, options });
  client.on('error', () => undefined);
  await client.connect();
  scope.onTestFinished(() => client.end());
  return {
    query: async <T>(sql: string, values: readonly unknown[] = []) =>
      (await client.query(sql, [...values])).rows as T[],
  };
}
