import type { TestScope } from '@relay/testing';
import { until } from '@relay/testing';
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '..', '..');

/** A Kafka of one test file's own, which may be stopped in the middle of everything without hurting other tests. */
export interface OwnKafka {
  readonly brokers: string;
  /** Nothing answers any more, and nothing is refused: as with a machine that hangs. */
  pause(): void;
  resume(): void;
}

/** Starts it through `npm run infra`, next to the Postgres that all tests share. */
export async function ownKafka(scope: TestScope): Promise<OwnKafka> {
  const folder = mkdtempSync(join(tmpdir(), 'own-kafka-'));
  const { PATH, HOME, XDG_CACHE_HOME, DATABASE_URL } = process.env;
  const child = spawn(process.execPath, [join(ROOT, 'tools', 'run.mjs'), 'local/infra'], {
    cwd: ROOT,
    env: { PATH, HOME, XDG_CACHE_HOME, DATABASE_URL, RELAY_DATA_DIR: folder, RELAY_WATCH_PARENT: '1' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const signal = (name: NodeJS.Signals) => {
    for (const pid of serversOn(folder)) process.kill(pid, name);
  };
  scope.onTestFinished(async () => {
    signal('SIGCONT');
    child.kill('SIGTERM');
    await ended;
    rmSync(folder, { recursive: true, force: true });
  });
  let out = '';
  child.stdout.on('data', (chunk) => (out += String(chunk)));
  const { kafkaBrokers } = await until(
    'a Kafka of its own answers',
    () => JSON.parse(out.split('\n')[0] ?? '') as { kafkaBrokers: string },
    { timeoutMs: 90_000 },
  );
  return { brokers: kafkaBrokers, pause: () => signal('SIGSTOP'), resume: () => signal('SIGCONT') };
}

/** The Kafka of a data folder, told by its command line. */
function serversOn(folder: string): number[] {
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
