import type { ServiceName } from '@relay/contracts';
import { DataSource, type EntitySchema, type Logger, type MigrationInterface } from 'typeorm';
import { schemaOf } from './schema.js';

/** A migration class: `name` ends with a time stamp of 13 digits, which gives the order. */
export type MigrationClass = new () => MigrationInterface;
/** An entity class. */
// oxlint-disable-next-line typescript/no-unsafe-function-type -- TypeORM's own type for entity classes
export type EntityClass = Function;

export interface DatabaseOptions {
  readonly service: ServiceName;
  readonly url: string;
  readonly poolSize: number;
  /**
   * All work finds its rows by key, also in tables that were empty when a statement was planned and hold a million rows soon
   * after: whole tables are not read and not joined at once where an index leads to the rows. Default: the server's choice.
   */
  readonly byKey?: boolean;
  readonly entities?: readonly (EntityClass | EntitySchema)[];
  readonly migrations: readonly MigrationClass[];
}

/** Longest single statement. What takes longer is a defect, and blocks others meanwhile. */
const STATEMENT_TIMEOUT_MS = 30_000;
/** A process that is paused inside a transaction loses it after this long, so that it blocks nobody. */
const IDLE_IN_TRANSACTION_MS = 5_000;
const CONNECT_TIMEOUT_MS = 5_000;

/** TypeORM prints to the console by itself. What goes wrong is thrown as well, and is logged by who catches it. */
const silent: Logger = {
  logQuery: () => undefined,
  logQueryError: () => undefined,
  logQuerySlow: () => undefined,
  logSchemaBuild: () => undefined,
  logMigration: () => undefined,
  log: () => undefined,
};

const BY_KEY = ['enable_seqscan', 'enable_hashjoin', 'enable_mergejoin'].map((name) => ` -c ${name}=off`).join('');

/** A data source for a service's work: its schema first in the search path, and limits on what may block. */
export function workDataSource(options: DatabaseOptions, onPoolError: (error: Error) => void): DataSource {
  const schema = schemaOf(options.service);
  return new DataSource({
    type: 'postgres',
    url: options.url,
    schema,
    applicationName: `practice-relay ${options.service}`,
    poolSize: options.poolSize,
    connectTimeoutMS: CONNECT_TIMEOUT_MS,
    installExtensions: false,
    logger: silent,
    entities: [...(options.entities ?? [])],
    poolErrorHandler: onPoolError,
    extra: {
      options: `-c search_path=${schema}${options.byKey === true ? BY_KEY : ''}`,
      statement_timeout: STATEMENT_TIMEOUT_MS,
      idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_MS,
      keepAlive: true,
    },
  });
}

/** A data source for migrations: one connection, no limit on a statement, since building an index takes what it takes. */
export function migrationDataSource(options: Pick<DatabaseOptions, 'service' | 'url' | 'migrations'>): DataSource {
  const schema = schemaOf(options.service);
  return new DataSource({
    type: 'postgres',
    url: options.url,
    schema,
    applicationName: `practice-relay ${options.service} migrations`,
    poolSize: 1,
    connectTimeoutMS: CONNECT_TIMEOUT_MS,
    installExtensions: false,
    logger: silent,
    migrations: [...options.migrations],
    migrationsTransactionMode: 'each',
    extra: { options: `-c search_path=${schema}` },
  });
}
