import type { Health, Log } from '@relay/service-kit';
import type { DataSource } from 'typeorm';
import { setTimeout as sleep } from 'node:timers/promises';
import { workDataSource, type DatabaseOptions } from './data-source.js';
import { isTransient } from './errors.js';
import { runMigrations } from './run-migrations.js';

const RETRY_MIN_MS = 250;
const RETRY_MAX_MS = 5_000;

export interface OpenOptions extends DatabaseOptions {
  readonly log: Log;
  readonly health: Health;
  /** Ends the waiting for Postgres, by throwing the signal's reason. */
  readonly signal?: AbortSignal;
}

/**
 * Migrates and connects. While Postgres is away it waits without limit, with readiness down: a service started before
 * its database becomes ready by itself. What waiting does not cure (a wrong password, a failed migration) is thrown.
 */
export async function openDatabase(options: OpenOptions): Promise<DataSource> {
  const { log, health, signal } = options;
  let trouble = 'connecting';
  health.register('database', () => ({ status: 'down', detail: trouble }));
  for (let attempt = 1; ; attempt++) {
    try {
      const ran = await runMigrations(options);
      if (ran.length > 0) log.info({ migrations: ran }, 'database migrated');
      const source = workDataSource(options, (error) => log.warn({ err: error }, 'an idle database connection broke'));
      await source.initialize();
      if (attempt > 1) log.info({ attempts: attempt }, 'database answers');
      watch(source, health);
      return source;
    } catch (error) {
      signal?.throwIfAborted();
      if (!isTransient(error)) throw error;
      const what = describe(error);
      if (what !== trouble) log.warn({ detail: what }, 'database does not answer, waiting for it');
      trouble = what;
    }
    const pauseMs = Math.min(RETRY_MAX_MS, RETRY_MIN_MS * 2 ** Math.min(attempt - 1, 10));
    await sleep(pauseMs, undefined, signal === undefined ? {} : { signal });
  }
}

function watch(source: DataSource, health: Health): void {
  health.register('database', async () => {
    if (!source.isInitialized) return { status: 'down', detail: 'closed' };
    try {
      await source.query('select 1');
      return { status: 'up' };
    } catch (error) {
      return { status: 'down', detail: describe(error) };
    }
  });
}

/** Readiness is open to read: the code says enough, a message could name hosts and users. */
function describe(error: unknown): string {
  const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
  return code === '' ? 'no connection' : `no connection (${code})`;
}
