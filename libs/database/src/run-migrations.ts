import { Client } from 'pg';
import { migrationDataSource, type DatabaseOptions } from './data-source.js';
import { lockClassOf, MIGRATION_LOCK, schemaOf } from './schema.js';

/**
 * Brings a service's schema up to date and returns the names of the migrations that ran. Processes that start together
 * take turns: the lock lies on a connection of its own, so it outlives the migrations' transactions and ends with the
 * process. A schema that other processes already use stays usable for them only if the migration is written so.
 */
export async function runMigrations(
  options: Pick<DatabaseOptions, 'service' | 'url' | 'migrations'>,
): Promise<string[]> {
  const lock = new Client({
    connectionString: options.url,
    application_name: `practice-relay ${options.service} migration lock`,
    connectionTimeoutMillis: 5000,
    keepAlive: true,
  });
  // A connection that breaks while nothing runs on it emits; the next query reports it.
  lock.on('error', () => undefined);
  try {
    await lock.connect();
    await lock.query('select pg_advisory_lock($1, $2)', [lockClassOf(options.service), MIGRATION_LOCK]);
    await lock.query(`create schema if not exists ${lock.escapeIdentifier(schemaOf(options.service))}`);
    return await migrate(options);
  } finally {
    // Ends the session, and with it the lock.
    await lock.end().catch(() => undefined);
  }
}

async function migrate(options: Pick<DatabaseOptions, 'service' | 'url' | 'migrations'>): Promise<string[]> {
  const source = migrationDataSource(options);
  await source.initialize();
  try {
    const done = await source.runMigrations({ transaction: 'each' });
    return done.map((migration) => migration.name);
  } finally {
    await source.destroy().catch(() => undefined);
  }
}
