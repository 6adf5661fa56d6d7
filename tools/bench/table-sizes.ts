import { Client } from 'pg';
import { rounded } from './statistics.ts';

interface TableRow {
  readonly table: string;
  readonly mib: number;
  readonly live: number;
  readonly updates: number;
  readonly hot: number;
  readonly vacuums: number;
}

const SIZES = `select relname as table, pg_total_relation_size(relid) as bytes, n_live_tup as live, n_tup_upd as updates,
    n_tup_hot_upd as hot, autovacuum_count as vacuums
  from pg_stat_user_tables where schemaname = $1 and (n_tup_ins > 0 or n_tup_upd > 0) order by 2 desc`;

/** Sizes of a service's tables and how their rows were updated, one line a table: what a report says of them. */
export async function tableSizes(databaseUrl: string, schema: string): Promise<string[]> {
  const client = new Client({ connectionString: databaseUrl, connectionTimeoutMillis: 10_000 });
  client.on('error', () => undefined);
  try {
    await client.connect();
    const { rows } = await client.query<Record<string, string>>(SIZES, [schema]);
    return rows.map((row) => lineOf(tableRow(row)));
  } finally {
    await client.end().catch(() => undefined);
  }
}

function tableRow(row: Record<string, string>): TableRow {
  const { table = '', bytes, live, updates, hot, vacuums } = row;
  return {
    table,
    mib: rounded(Number(bytes) / 2 ** 20, 1),
    live: Number(live),
    updates: Number(updates),
    hot: Number(hot),
    vacuums: Number(vacuums),
  };
}

function lineOf({ table, mib, live, updates, hot, vacuums }: TableRow): string {
  const share = updates === 0 ? '' : ` (${rounded((100 * hot) / updates)} % within their page)`;
  return `Table \`${table}\` afterwards: ${mib} MiB with its indexes, ${live} rows, ${updates} updates${share}, vacuumed ${vacuums} times.`;
}
