import type { DataSource } from 'typeorm';
import type { Pool, PoolClient, QueryConfig, QueryResult } from 'pg';
import { RolledBack } from './errors.js';
import { Prepared } from './prepared.js';

/** Runs SQL and gives back the rows, also those of `update … returning`. bigint columns come as text. */
export interface Tx {
  query<R = Record<string, unknown>>(sql: string | Prepared, params?: readonly unknown[]): Promise<R[]>;
}

/**
 * SQL for a service's own schema. Transactions are explicit and use one connection; TypeORM's data source stands beside
 * for entities. Both draw on the same pool.
 */
export class Database implements Tx {
  constructor(readonly dataSource: DataSource) {}

  async query<R = Record<string, unknown>>(sql: string | Prepared, params: readonly unknown[] = []): Promise<R[]> {
    const result = await this.pool.query(configOf(sql, params));
    return result.rows as R[];
  }

  /**
   * Commits what `work` did, or nothing of it when it throws. `begin` may carry more statements in the same round trip; `work`
   * is given the rows of the last one.
   */
  async transaction<T>(
    work: (tx: Tx, opened: readonly Record<string, unknown>[]) => Promise<T>,
    begin = 'begin',
  ): Promise<T> {
    const client = await this.pool.connect();
    let broken: Error | undefined;
    const onError = (error: Error) => (broken = error);
    // The server may end the session while nothing is asked of it: without a listener that would end the process.
    client.on('error', onError);
    try {
      const opened = await client.query(begin);
      const result = await work(txOn(client), rowsOfLast(opened));
      const end = await client.query('commit');
      // Postgres answers the commit of a failed transaction with a rollback and no error: `work` has swallowed one.
      if (end.command !== 'COMMIT') throw new RolledBack();
      return result;
    } catch (error) {
      // A rollback that fails means the session is gone or unusable: it must not go back into the pool.
      await client.query('rollback').catch((failed: unknown) => {
        broken ??= failed instanceof Error ? failed : new Error(String(failed));
      });
      throw error;
    } finally {
      client.removeListener('error', onError);
      client.release(broken);
    }
  }

  /** TypeORM's pool. Its query runners wrap it with work that hot paths do not need. */
  private get pool(): Pool {
    return (this.dataSource.driver as unknown as { master: Pool }).master;
  }
}

function txOn(client: PoolClient): Tx {
  return {
    query: async <R>(sql: string | Prepared, params: readonly unknown[] = []) => {
      const result = await client.query(configOf(sql, params));
      return result.rows as R[];
    },
  };
}

function configOf(sql: string | Prepared, params: readonly unknown[]): QueryConfig {
  const values = [...params];
  return sql instanceof Prepared ? { name: sql.name, text: sql.text, values } : { text: sql, values };
}

/** Several statements in one text are answered by as many results; the driver's types know of one only. */
function rowsOfLast(opened: QueryResult | readonly QueryResult[]): readonly Record<string, unknown>[] {
  const last = Array.isArray(opened) ? (opened as readonly QueryResult[]).at(-1) : (opened as QueryResult);
  return (last?.rows ?? []) as Record<string, unknown>[];
}
