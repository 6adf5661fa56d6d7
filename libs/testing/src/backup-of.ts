/** A connection whose current schema is a service's. */
export interface ServiceTables {
  query<T = Record<string, unknown>>(sql: string, values?: readonly unknown[]): Promise<T[]>;
}

/** Takes a backup of all tables of a service. Returns how to restore it; sequences go on. */
export async function backupOf(database: ServiceTables): Promise<() => Promise<void>> {
  const tables = await database.query<{ name: string }>(
    `select table_name as name from information_schema.tables
     where table_schema = current_schema() and table_type = 'BASE TABLE' and table_name <> 'migrations'`,
  );
  const names = tables.map(({ name }) => name).filter((name) => !name.startsWith('saved_'));
  for (const name of names) await database.query(`create table saved_${name} as select * from ${name}`);
  return async () => {
    for (const name of names) {
      const [columns] = await database.query<{ list: string }>(
        `select string_agg(quote_ident(column_name), ', ') as list from information_schema.columns
         where table_schema = current_schema() and table_name = $1 and is_generated = 'NEVER'`,
        [name],
      );
      await database.query(`truncate ${name}`);
      await database.query(`insert into ${name} (${columns?.list}) select ${columns?.list} from saved_${name}`);
    }
  };
}
