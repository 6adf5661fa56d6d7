import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { once } from 'node:events';
import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { startChild, type Child } from '../local/start/child.ts';
import { untilReady } from '../local/start/readiness.ts';
import { freePort } from '../local/processes/ports.ts';
import { ROOT, V8_OPTIONS } from '../local/services.ts';

/** Linux counts CPU time in ticks of 10 ms, whatever the kernel's own clock is. */
const TICK_MS = 10;

/** CPU time that a process has used so far, all threads, user and system. */
export function cpuMs(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
}

export interface BenchService {
  readonly child: Child;
  readonly port: number;
}

const taken = new Set<number>();

/** A free port that no other part of this bench was given. */
export async function benchPort(): Promise<number> {
  const port = await freePort(taken);
  taken.add(port);
  return port;
}

/** One built service, ready. Its log lies in `folder`. */
export async function startService(folder: string, name: string, env: NodeJS.ProcessEnv): Promise<BenchService> {
  const logs = join(folder, 'logs');
  mkdirSync(logs, { recursive: true });
  const [port, managementPort] = [await benchPort(), await benchPort()];
  const child = startChild(name, ['local/service', name], {
    logFolder: logs,
    v8Options: V8_OPTIONS,
    env: { ...env, PORT: String(port), MANAGEMENT_PORT: String(managementPort) },
    least: () => 'error',
  });
  await untilReady(child, `http://127.0.0.1:${managementPort}/health/ready`);
  return { child, port };
}

/** A helper process of a bench: prints JSON lines, the first when it is ready. */
export interface Helper {
  readonly process: ChildProcess;
  next(): Promise<Record<string, unknown>>;
  stop(): Promise<void>;
}

export function startHelper(name: string, args: readonly string[], env: NodeJS.ProcessEnv = process.env): Helper {
  const helper = spawn(process.execPath, [join(ROOT, 'tools', 'run.mjs'), `bench/servers/${name}`, ...args], {
    cwd: ROOT,
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: helper.stdout })[Symbol.asyncIterator]();
  return {
    process: helper,
    async next() {
      const { value, done } = await lines.next();
      if (done === true) throw new Error(`${name} ended before it had answered`);
      return JSON.parse(value) as Record<string, unknown>;
    },
    async stop() {
      if (helper.exitCode !== null || helper.signalCode !== null) return;
      helper.kill('SIGTERM');
      await once(helper, 'exit');
    },
  };
}
