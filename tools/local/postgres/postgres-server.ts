import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chownSync, closeSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Client } from 'pg';
import { writePrivately } from '../data-folder.ts';
import { lastLines, openLog } from '../log-file.ts';
import { startGuarded, type GuardedProcess } from '../processes/guarded-process.ts';
import { requirePort, usualOrFree } from '../processes/ports.ts';
import { forgetProcess, recordProcess, stopLeftOver } from '../processes/recorded-process.ts';
import { StopWithMessage, tell } from '../stop-with-message.ts';
import { postgresAccount, type PostgresAccount } from './account.ts';
import { postgresBinaries, type PostgresBinaries } from './binaries.ts';

export interface LocalPostgres {
  readonly url: string;
  readonly port: number;
  readonly ended: Promise<string>;
  stop(): Promise<void>;
}

const DATABASE = 'relay';
const START_PATIENCE_MS = 30_000;
const STOP_PATIENCE_MS = 4_000;

interface Context {
  readonly folder: string;
  readonly logPath: string;
  readonly password: string;
  readonly account: PostgresAccount;
  readonly binaries: PostgresBinaries;
  readonly env: NodeJS.ProcessEnv;
  readonly record: string;
}

/**
 * Everything that can be refused before a server runs (no programs, a closed folder, a busy port); what it returns starts the
 * PostgreSQL that comes with the project and waits until it answers as ours.
 */
export async function preparePostgres(
  dataFolder: string,
  env: NodeJS.ProcessEnv,
  usualPort?: number,
): Promise<() => Promise<LocalPostgres>> {
  const folder = join(dataFolder, 'postgres');
  const record = join(dataFolder, 'postgres.process.json');
  const binaries = postgresBinaries();
  const account = postgresAccount([binaries.postgres, folder]);
  if (await stopLeftOver(record, folder, 'SIGINT')) tell('Stopped a PostgreSQL that an earlier run had left behind.');
  const chosen = env['POSTGRES_PORT'] ? await requirePort('POSTGRES_PORT', env['POSTGRES_PORT']) : undefined;
  const password = passwordOf(dataFolder);
  const logPath = join(dataFolder, 'logs', 'postgres.log');
  const context = { folder, logPath, password, account, binaries, env: serverEnvironment(env), record };
  return async () => {
    await initialise(context, dataFolder);
    for (let attempt = 1; ; attempt += 1) {
      const outcome = await run(context, chosen ?? (await usualOrFree(attempt, usualPort)));
      if (typeof outcome !== 'string') return outcome;
      // After a kill -9 of the server its lock file may block for a second or two; a free port may be taken meanwhile.
      if (attempt === 5) {
        throw new StopWithMessage(
          'postgres-failed',
          `PostgreSQL did not start (${outcome}). The end of its log:\n${lastLines(logPath)}`,
        );
      }
      await delay(500);
    }
  };
}

/** Settings of a person's own PostgreSQL (PGHOST, PGDATA, …) must not reach this one. */
function serverEnvironment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !/^(PG|LC_|LANG)/.test(name)));
}

function passwordOf(dataFolder: string): string {
  const file = join(dataFolder, 'postgres.password');
  if (!existsSync(file)) writePrivately(file, `${randomBytes(18).toString('base64url')}\n`);
  return readFileSync(file, 'utf8').trim();
}

/** Makes the cluster beside and renames it into place: one cut off half-way is made again. */
async function initialise(context: Context, dataFolder: string): Promise<void> {
  if (existsSync(join(context.folder, 'PG_VERSION'))) return;
  const beside = `${context.folder}.new`;
  const passwordFile = join(dataFolder, 'postgres.password.new');
  rmSync(beside, { recursive: true, force: true });
  rmSync(context.folder, { recursive: true, force: true });
  mkdirSync(beside, { mode: 0o700 });
  writePrivately(passwordFile, `${context.password}\n`);
  const { ids } = context.account;
  if (ids !== null) for (const path of [beside, passwordFile]) chownSync(path, ids.uid, ids.gid);
  const flags = [
    '--username=postgres',
    '--auth=scram-sha-256',
    '--encoding=UTF8',
    '--locale=C.UTF-8',
    '--no-instructions',
  ];
  try {
    await runAs(context, [context.binaries.initdb, `--pgdata=${beside}`, `--pwfile=${passwordFile}`, ...flags]);
    renameSync(beside, context.folder);
  } finally {
    rmSync(passwordFile, { force: true });
  }
}

function runAs(context: Context, command: readonly string[]): Promise<void> {
  const { account, env } = context;
  const [program = '', ...args] = [...account.prefix, ...command];
  // With the prefix the user is changed by it, else by spawn.
  const ids = account.prefix.length === 0 && account.ids !== null ? account.ids : {};
  return new Promise((resolve, reject) => {
    execFile(program, args, { env, cwd: '/', ...ids }, (error, stdout, stderr) => {
      if (error === null) resolve();
      else
        reject(new StopWithMessage('initdb-failed', `PostgreSQL's data folder could not be made:\n${stdout}${stderr}`));
    });
  });
}

async function run(context: Context, port: number): Promise<LocalPostgres | string> {
  const { folder, account, binaries, env, record, password } = context;
  const output = openLog(context.logPath);
  const settings = ['listen_addresses=127.0.0.1', 'unix_socket_directories=', 'max_connections=200'];
  const postgres = startGuarded({
    command: [
      ...account.prefix,
      binaries.postgres,
      '-D',
      folder,
      '-p',
      String(port),
      ...settings.flatMap((s) => ['-c', s]),
    ],
    cwd: '/',
    env,
    output,
    stopSignal: 'SIGINT',
    ...(account.prefix.length === 0 && account.ids !== null ? { account: account.ids } : {}),
  });
  closeSync(output);
  recordProcess(record, postgres.identity);
  const stop = async () => {
    await postgres.stop(STOP_PATIENCE_MS);
    forgetProcess(record);
  };
  const how = await untilReady(postgres, port, password);
  if (how !== 'ready') {
    await stop();
    return how;
  }
  const url = `postgres://postgres:${password}@127.0.0.1:${port}/${DATABASE}`;
  return { url, port, ended: postgres.ended, stop };
}

/** Ready means: it lets us in with our password, and our database exists. */
async function untilReady(postgres: GuardedProcess, port: number, password: string): Promise<string> {
  const end = Date.now() + START_PATIENCE_MS;
  let last = '';
  while (Date.now() < end) {
    if (postgres.hasEnded) return `it ended with ${await postgres.ended}`;
    try {
      await ensureDatabase(`postgres://postgres:${password}@127.0.0.1:${port}/postgres`);
      return 'ready';
    } catch (error) {
      last = error instanceof Error ? error.message : String(error);
    }
    await delay(50);
  }
  return `it was not ready after ${START_PATIENCE_MS / 1000} s: ${last}`;
}

async function ensureDatabase(url: string): Promise<void> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 2_000 });
  client.on('error', () => undefined);
  try {
    await client.connect();
    const found = await client.query('select 1 from pg_database where datname = $1', [DATABASE]);
    if (found.rowCount === 0) await client.query(`create database ${DATABASE}`);
  } finally {
    await client.end().catch(() => undefined);
  }
}
