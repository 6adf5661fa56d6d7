import type { ServiceName } from '@relay/contracts';
import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from './free-port.js';
import { noteEnded, noteStarted } from './leak-check.js';
import { hasFailed, type TestScope } from './scope.js';
import { GiveUp, until } from './until.js';

const ROOT = join(import.meta.dirname, '..', '..', '..');
const ARTIFACTS = join(ROOT, 'test', '.artifacts');
let started = 0;

export interface ProcessOptions {
  readonly service: ServiceName;
  /** The whole environment but PATH, HOME, PORT and MANAGEMENT_PORT. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Default: free ports. */
  readonly port?: number;
  readonly managementPort?: number;
  /** A module that is imported before the service, for example one that arms fault points. */
  readonly importFirst?: string;
  /** False: return at once, without waiting for /health/ready. */
  readonly waitUntilReady?: boolean;
}

/** A built service as a process of its own. */
export interface ServiceProcess {
  readonly service: ServiceName;
  readonly pid: number;
  readonly url: string;
  readonly managementUrl: string;
  readonly logPath: string;
  log(): string;
  /** Exit code or signal, once it has ended. */
  readonly ended: Promise<string>;
  ready(timeoutMs?: number): Promise<void>;
  signal(signal: NodeJS.Signals): void;
  /** SIGTERM, then SIGKILL after 15 s; returns how it ended. */
  stop(): Promise<string>;
  kill9(): Promise<string>;
}

/** Starts a built service and waits until it is ready; stopped with the scope, its log kept under test/.artifacts. */
export async function startProcess(scope: TestScope, options: ProcessOptions): Promise<ServiceProcess> {
  const { service } = options;
  const port = options.port ?? (await freePort());
  const managementPort = options.managementPort ?? (await freePort());
  if (!existsSync(join(ROOT, 'dist', 'apps', service, 'src', 'main.js'))) {
    throw new Error(`${service} is not built: run \`npm run build\``);
  }
  mkdirSync(ARTIFACTS, { recursive: true });
  const logPath = join(ARTIFACTS, `${service}-${process.pid}-${(started += 1)}.log`);
  const output = openSync(logPath, 'w');
  const child = spawn(process.execPath, [join(ROOT, 'tools', 'run.mjs'), 'local/service', service], {
    cwd: ROOT,
    env: environment(options, port, managementPort),
    stdio: ['ignore', output, output],
  });
  closeSync(output);
  const running = describeProcess(child, { service, port, managementPort, logPath });
  noteStarted(running);
  scope.onTestFinished(async () => {
    await running.stop();
    if (hasFailed(scope)) console.log(`log of ${service}: ${logPath}`);
  });
  if (options.waitUntilReady !== false) await running.ready();
  return running;
}

function environment(options: ProcessOptions, port: number, managementPort: number): NodeJS.ProcessEnv {
  const { PATH, HOME } = process.env;
  return {
    PATH,
    HOME,
    ...options.env,
    PORT: String(port),
    MANAGEMENT_PORT: String(managementPort),
    // A test run that is killed takes its services with it.
    RELAY_WATCH_PARENT: '1',
    ...(options.importFirst === undefined ? {} : { RELAY_IMPORT: options.importFirst }),
  };
}

function describeProcess(
  child: ChildProcess,
  about: { service: ServiceName; port: number; managementPort: number; logPath: string },
): ServiceProcess {
  const managementUrl = `http://127.0.0.1:${about.managementPort}`;
  const ended = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('exit', (code, signal) => resolve(signal ?? String(code)));
  });
  const hasEnded = () => child.exitCode !== null || child.signalCode !== null;
  const log = () => readFileSync(about.logPath, 'utf8');
  const running: ServiceProcess = {
    service: about.service,
    pid: child.pid ?? -1,
    url: `http://127.0.0.1:${about.port}`,
    managementUrl,
    logPath: about.logPath,
    log,
    ended,
    async ready(timeoutMs = 60_000) {
      const look = async () => {
        if (hasEnded()) throw new GiveUp(`${about.service} ended with ${await ended}:\n${log().slice(-3_000)}`);
        const response = await fetch(`${managementUrl}/health/ready`);
        if (response.ok) return true;
        throw new Error(await response.text());
      };
      await until(`${about.service} is ready (log ${about.logPath})`, look, { timeoutMs });
    },
    signal: (signal) => void child.kill(signal),
    async stop() {
      if (hasEnded()) return ended;
      child.kill('SIGTERM');
      // One that a test has paused takes no signal until it goes on.
      child.kill('SIGCONT');
      const timer = setTimeout(() => child.kill('SIGKILL'), 15_000);
      const how = await ended;
      clearTimeout(timer);
      return how;
    },
    kill9() {
      child.kill('SIGKILL');
      return ended;
    },
  };
  void ended.then(() => noteEnded(running));
  return running;
}
