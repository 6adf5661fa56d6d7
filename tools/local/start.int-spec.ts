import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GiveUp, freePort, testDatabase, testKafka, until } from '@relay/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { identityOf, isRunning, type ProcessIdentity } from './processes/process-identity.ts';
import { stopProcess } from './processes/stop-process.ts';
import { portsToOpen } from './start/environment.ts';
import { ROOT } from './services.ts';

let folder = '';
const listening: Server[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'start-'));
});

afterEach(async () => {
  for (const child of started.splice(0)) {
    await stopProcess(identityOf(child.pid ?? -1), { signal: 'SIGTERM', patienceMs: 15_000 });
  }
  for (const server of listening.splice(0)) server.close();
  rmSync(folder, { recursive: true });
});

/** Free ports for every part, so that the test does not depend on what else runs on this machine. */
async function freePorts(): Promise<Record<string, string>> {
  const ports: Record<string, string> = {};
  for (const { variable } of portsToOpen({})) ports[variable] = String(await freePort());
  return ports;
}

async function occupy(port: string): Promise<void> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(Number(port), '127.0.0.1', resolve);
  });
  listening.push(server);
}

interface Command {
  readonly child: ChildProcess;
  readonly output: () => string;
  readonly ended: Promise<string>;
}

const started: ChildProcess[] = [];

function run(name: string, args: readonly string[], env: Readonly<Record<string, string>>): Command {
  const { PATH, HOME } = process.env;
  const child = spawn(process.execPath, [join(ROOT, 'tools', 'run.mjs'), `local/${name}`, ...args], {
    // No .env of a developer in this folder.
    cwd: folder,
    env: { PATH, HOME, ...env, RELAY_DATA_DIR: join(folder, 'data') },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  started.push(child);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
  const ended = new Promise<string>((resolve) => {
    child.once('close', (code, signal) => resolve(signal ?? String(code)));
  });
  return { child, ended, output: () => output };
}

async function start(ports: Record<string, string>): Promise<{ ended: string; output: string }> {
  const command = run('start', [], ports);
  return { ended: await command.ended, output: command.output() };
}

/** The whole relay on the servers of this test run. */
async function startUntilReady(env: Record<string, string>): Promise<Command> {
  const command = run('start', [], env);
  await until(
    'the ready line',
    () => {
      if (command.child.exitCode !== null) throw new GiveUp(command.output());
      return /^Practice Relay is ready/m.test(command.output());
    },
    { timeoutMs: 150_000 },
  );
  return command;
}

/** The services and the simulator of the running start. */
function parts(): ProcessIdentity[] {
  return JSON.parse(readFileSync(join(folder, 'data', 'parts.json'), 'utf8')) as ProcessIdentity[];
}

describe('npm start', () => {
  it('names every busy port, with the variable that moves it, before anything starts', async () => {
    const ports = await freePorts();
    await occupy(ports['CONSOLE_PORT'] ?? '');
    await occupy(ports['EXACT_SIMULATOR_PORT'] ?? '');
    const { ended, output } = await start(ports);
    expect(ended).toBe('1');
    expect(output).toContain(
      `Port ${ports['CONSOLE_PORT']} (console) is in use by another process; CONSOLE_PORT moves it`,
    );
    expect(output).toContain(`Port ${ports['EXACT_SIMULATOR_PORT']} (simulator of EXACT) is in use`);
    expect(existsSync(join(folder, 'data', 'kafka'))).toBe(false);
  });

  it('names a port that is given twice', async () => {
    const ports = { ...(await freePorts()), GATEWAY_PORT: '7777', CONSOLE_PORT: '7777' };
    const { ended, output } = await start(ports);
    expect(ended).toBe('1');
    expect(output).toContain('Port 7777 is given to both GATEWAY_PORT and CONSOLE_PORT');
  });

  it(
    'runs both vendors to events, and again after kill -9, and stops within 15 s',
    { timeout: 400_000 },
    async (scope) => {
      const kafka = await testKafka(scope);
      const { url } = await testDatabase(scope);
      const env: Record<string, string> = {
        ...(await freePorts()),
        KAFKA_BROKERS: kafka.brokers.join(','),
        DATABASE_URL: url,
        TOPIC_PREFIX: kafka.prefix,
        CONSUMER_GROUP_PREFIX: kafka.prefix,
        TOPIC_PARTITIONS: '4',
      };
      const first = await startUntilReady(env);
      expect(first.output()).toMatch(
        new RegExp(`^Practice Relay is ready.*127.0.0.1:${env['CONSOLE_PORT']}/#token=`, 'm'),
      );
      expect(statSync(join(folder, 'data', 'keys.env')).mode & 0o777).toBe(0o600);
      // Without its environment: it finds the servers in the data folder.
      const events = run('events', ['--from-beginning', '--json'], {});
      const vendors = () => [...new Set(events.output().match(/"ce_type":"practice-relay\.(provet|exact)/g))];
      await until('events of both vendors', () => vendors().length === 2, { timeoutMs: 60_000 });
      events.child.kill('SIGTERM');
      const simulated = `provet:127.0.0.1:${env['PROVET_SIMULATOR_PORT']}:8101`;
      const check = run('vendor-check', ['--tenant', simulated], { PROVET_BUDGET_SHARE: '0' });
      // 2: the simulator starts with nothing merged.
      expect(await check.ended, check.output()).toMatch(/^[02]$/);
      expect(check.output()).toContain('no setting needed');

      const left = parts();
      first.child.kill('SIGKILL');
      await first.ended;
      const second = await startUntilReady(env);
      expect(left.filter(isRunning)).toEqual([]);

      const running = parts();
      expect(running.filter(isRunning)).toHaveLength(7);
      const asked = Date.now();
      second.child.kill('SIGINT');
      second.child.kill('SIGINT');
      expect(await second.ended).toBe('0');
      expect(Date.now() - asked).toBeLessThan(15_000);
      expect(running.filter(isRunning)).toEqual([]);
    },
  );
});
