import type { TestScope } from '@relay/testing';
import { until } from '@relay/testing';
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '..', '..');

/** A Kafka or PostgreSQL of one test file's own, which may be stopped in the middle of everything without hurting other tests. */
export interface OwnServer {
  /** For KAFKA_BROKERS or DATABASE_URL; the same after it was started again. */
  readonly address: string;
  /** Nothing answers any more, and nothing is refused: as with a machine that hangs. */
  pause(): void;
  resume(): void;
  /** Ends it, orderly or by kill -9, and waits until it is gone. */
  end(how: 'stopped' | 'killed'): Promise<void>;
  /** Starts it again, on the same data and port, and waits until it answers. */
  startAgain(): Promise<void>;
}

export const ownKafka = (scope: TestScope): Promise<OwnServer> => ownServer(scope, 'kafka');
export const ownPostgres = (scope: TestScope): Promise<OwnServer> => ownServer(scope, 'postgres');

/** Starts it through `npm run infra`, next to the other kind of server that all tests share. */
async function ownServer(scope: TestScope, kind: Kind): Promise<OwnServer> {
  const folder = mkdtempSync(join(tmpdir(), `own-${kind}-`));
  let infra = await startInfra(folder, kind);
  const signal = (name: NodeJS.Signals): void => {
    for (const pid of KINDS[kind].pids(folder)) process.kill(pid, name);
  };
  scope.onTestFinished(async () => {
    signal('SIGCONT');
    infra.child.kill('SIGTERM');
    await infra.ended;
    rmSync(folder, { recursive: true, force: true });
  });
  return {
    address: infra.address,
    pause: () => signal('SIGSTOP'),
    resume: () => signal('SIGCONT'),
    async end(how) {
      if (how === 'killed') signal('SIGKILL');
      else infra.child.kill('SIGTERM');
      await infra.ended;
    },
    async startAgain() {
      const { address } = infra;
      infra = await startInfra(folder, kind);
      if (infra.address !== address) throw new Error(`${kind} came back on ${infra.address}, it was on ${address}`);
    },
  };
}

type Kind = 'kafka' | 'postgres';

interface Infra {
  readonly child: ChildProcess;
  readonly ended: Promise<void>;
  readonly address: string;
}

const KINDS = {
  kafka: { given: 'DATABASE_URL', answer: 'kafkaBrokers', pids: kafkasOn },
  postgres: { given: 'KAFKA_BROKERS', answer: 'databaseUrl', pids: postmastersOn },
} as const;

async function startInfra(folder: string, kind: Kind): Promise<Infra> {
  const { given, answer } = KINDS[kind];
  const { PATH, HOME, XDG_CACHE_HOME } = process.env;
  const child = spawn(process.execPath, [join(ROOT, 'tools', 'run.mjs'), 'local/infra'], {
    cwd: ROOT,
    env: { PATH, HOME, XDG_CACHE_HOME, [given]: process.env[given], RELAY_DATA_DIR: folder, RELAY_WATCH_PARENT: '1' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  let out = '';
  child.stdout.on('data', (chunk) => (out += String(chunk)));
  const told = await until(
    `a ${kind} of its own answers`,
    () => JSON.parse(out.split('\n')[0] ?? '') as Record<typeof answer, string>,
    { timeoutMs: 90_000 },
  );
  return { child, ended, address: told[answer] };
}

/** The Kafka of a data folder, told by its command line. */
function kafkasOn(folder: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      const line = commandLine(pid);
      return line.includes(folder) && line.includes('kafka.Kafka');
    })
    .map(Number);
}

function commandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}

/** The PostgreSQL of a data folder: its first process, whose children end with it. */
function postmastersOn(folder: string): number[] {
  const file = join(folder, 'postgres', 'postmaster.pid');
  return existsSync(file) ? [Number(readFileSync(file, 'utf8').split('\n')[0])] : [];
}
