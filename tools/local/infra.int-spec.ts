import { spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { Client } from 'pg';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { until } from '@relay/testing';
import { askClusterMetadata } from './kafka/cluster-metadata.ts';
import { identityOf, isRunning } from './processes/process-identity.ts';
import { stopProcess } from './processes/stop-process.ts';
import { ROOT } from './services.ts';

interface Infra {
  readonly child: ChildProcess;
  readonly stderr: () => string;
  readonly line: () => { kafkaBrokers: string; databaseUrl: string };
  readonly ended: Promise<string>;
}

/** mkdtemp makes it with mode 0700: as root, the postgres user cannot enter it, and yet everything must work. */
let folder = '';
const started: ChildProcess[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'infra-'));
});

afterEach(async () => {
  for (const child of started.splice(0)) {
    await stopProcess(identityOf(child.pid ?? -1), { signal: 'SIGTERM', patienceMs: 10_000 });
  }
  try {
    await until('nothing of this test runs any more', () => processesOn(folder).length === 0);
  } finally {
    // What the failed test has left must not stay on the machine.
    for (const pid of processesOn(folder)) await stopProcess(identityOf(pid), { signal: 'SIGKILL', patienceMs: 1_000 });
    rmSync(folder, { recursive: true });
  }
});

function launch(command: readonly string[], over: NodeJS.ProcessEnv = {}): Infra {
  const { PATH, HOME, XDG_CACHE_HOME } = process.env;
  const env = { PATH, HOME, XDG_CACHE_HOME, RELAY_DATA_DIR: join(folder, 'data'), ...over };
  const [program = '', ...args] = command;
  const child = spawn(program, args, { cwd: ROOT, env, stdio: ['ignore', 'pipe', 'pipe'] });
  started.push(child);
  let out = '';
  let err = '';
  child.stdout.on('data', (chunk) => (out += chunk));
  child.stderr.on('data', (chunk) => (err += chunk));
  const ended = new Promise<string>((resolve) => {
    child.once('close', (code, signal) => resolve(signal ?? String(code)));
  });
  return { child, ended, stderr: () => err, line: () => JSON.parse(out) as ReturnType<Infra['line']> };
}

function infra(over: NodeJS.ProcessEnv = {}): Infra {
  return launch([process.execPath, 'tools/run.mjs', 'local/infra'], over);
}

function ready(server: Infra): Promise<ReturnType<Infra['line']>> {
  return until('infra says where its servers are', () => server.line(), { timeoutMs: 60_000 });
}

/** Servers of the data folder, told by their command line. */
function processesOn(path: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && commandLine(name).includes(path))
    .map(Number);
}

function commandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}

async function inDatabase<T>(url: string, work: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/** A folder with these programs only, as PATH. */
function pathWith(...programs: string[]): string {
  const bin = join(folder, 'bin');
  mkdirSync(bin);
  for (const program of programs) {
    const found = (process.env['PATH'] ?? '')
      .split(delimiter)
      .map((each) => join(each, program))
      .find((path) => isFile(path));
    if (found !== undefined) symlinkSync(found, join(bin, program));
  }
  return bin;
}

function isFile(path: string): boolean {
  try {
    return readFileSync(path).length > 0;
  } catch {
    return false;
  }
}

describe('npm run infra', { timeout: 120_000 }, () => {
  it('starts again after kill -9, with the data of before, and leaves nothing after SIGTERM', async () => {
    const first = infra();
    const { databaseUrl } = await ready(first);
    await inDatabase(databaseUrl, (client) => client.query('create table kept as select 42 as answer'));
    first.child.kill('SIGKILL');
    await first.ended;

    const second = infra();
    const line = await ready(second);
    const { rows } = await inDatabase(line.databaseUrl, (client) => client.query('select answer from kept'));
    expect(rows).toEqual([{ answer: 42 }]);
    const port = Number(line.kafkaBrokers.split(':')[1]);
    const clusterId = readFileSync(join(folder, 'data', 'kafka', 'cluster-id'), 'utf8');
    expect(await askClusterMetadata(port)).toEqual({ clusterId, brokers: 1 });

    // Twice at once, as a terminal and npm send it.
    second.child.kill('SIGINT');
    second.child.kill('SIGINT');
    expect(await second.ended).toBe('0');
    expect(processesOn(join(folder, 'data'))).toEqual([]);
  });

  it('stops when npm is told to stop and leaves without passing it on', async () => {
    const npm = launch(['npm', 'run', '--silent', 'infra']);
    await ready(npm);
    const servers = processesOn(join(folder, 'data')).map(identityOf);
    expect(servers.length).toBeGreaterThanOrEqual(2);
    npm.child.kill('SIGTERM');
    await until('its servers are gone', () => !servers.some(isRunning), { timeoutMs: 15_000 });
  });

  it.each(['SIGTERM', 'SIGKILL'] as const)(
    'starts again at once when npm was ended by %s and is still stopping',
    async (signal) => {
      const first = launch(['npm', 'run', '--silent', 'infra']);
      await ready(first);
      first.child.kill(signal);
      await until('npm is gone', () => first.child.exitCode !== null || first.child.signalCode !== null);
      const second = infra();
      await expect(ready(second)).resolves.toHaveProperty('databaseUrl');
      // It waits for the first where that is not gone yet, and is never refused for it.
      expect(second.stderr()).not.toContain('is in use');
    },
  );

  it('refuses a second starter on the same folder, naming the first', async () => {
    const first = infra();
    await ready(first);
    const second = infra();
    expect(await second.ended).toBe('1');
    expect(second.stderr()).toContain(`process ${first.child.pid}`);
    expect(first.child.exitCode).toBeNull();
    await expect(inDatabase(first.line().databaseUrl, (client) => client.query('select 1'))).resolves.toBeDefined();
  });

  it('names a port that is in use', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => void other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as { port: number };
    const refused = infra({ KAFKA_PORT: String(port) });
    expect(await refused.ended).toBe('1');
    expect(refused.stderr()).toContain(`Port ${port} (KAFKA_PORT) is in use`);
    other.close();
  });

  it('says what to install when there is no Java, and what to set instead', async () => {
    const refused = infra({ PATH: pathWith('sh', 'cat', 'sleep', 'id', 'useradd', 'setpriv', 'test') });
    expect(await refused.ended).toBe('1');
    expect(refused.stderr()).toMatch(/Java 17 or newer[\s\S]*apt-get install openjdk[\s\S]*KAFKA_BROKERS/);
  });

  it('says what to install when there is no Maven and nothing fetched yet', async () => {
    const path = pathWith(
      'sh',
      'cat',
      'sleep',
      'id',
      'useradd',
      'setpriv',
      'test',
      'java',
      'uname',
      'dirname',
      'readlink',
    );
    const refused = infra({ PATH: path, XDG_CACHE_HOME: join(folder, 'cache') });
    expect(await refused.ended).toBe('1');
    expect(refused.stderr()).toMatch(/mvn[\s\S]*apt-get install maven[\s\S]*KAFKA_BROKERS/);
  });

  it.runIf(process.getuid?.() === 0)('names the folder that the postgres user cannot enter', async () => {
    // Without setpriv the right to enter it cannot be lent.
    const refused = infra({ PATH: pathWith('sh', 'cat', 'sleep', 'id', 'java', 'uname', 'dirname', 'readlink') });
    expect(await refused.ended).toBe('1');
    // This test's own folder, or one above the clone when the clone itself lies below a closed folder.
    const named = /cannot enter the folder (\S+)\.$/m.exec(refused.stderr())?.[1] ?? '';
    expect([folder, join(ROOT, 'node_modules')].some((path) => path.startsWith(named))).toBe(true);
    expect(statSync(named).mode & 0o001).toBe(0);
  });

  it('uses given servers instead of starting its own, and says so', async () => {
    const given = infra({ KAFKA_BROKERS: 'kafka.example:9092', DATABASE_URL: 'postgres://u:p@db.example/relay' });
    expect(await ready(given)).toEqual({
      kafkaBrokers: 'kafka.example:9092',
      databaseUrl: 'postgres://u:p@db.example/relay',
    });
    expect(given.stderr()).toMatch(/KAFKA_BROKERS is set[\s\S]*DATABASE_URL is set/);
    given.child.kill('SIGTERM');
    expect(await given.ended).toBe('0');
  });
});
