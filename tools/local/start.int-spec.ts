import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '@relay/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { portsToOpen } from './start/environment.ts';
import { ROOT } from './services.ts';

let folder = '';
const listening: Server[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'start-'));
});

afterEach(() => {
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

function start(ports: Record<string, string>): Promise<{ ended: string; output: string }> {
  const { PATH, HOME } = process.env;
  const child = spawn(process.execPath, [join(ROOT, 'tools', 'run.mjs'), 'local/start'], {
    // No .env of a developer in this folder.
    cwd: folder,
    env: { PATH, HOME, ...ports, RELAY_DATA_DIR: join(folder, 'data') },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
  return new Promise((resolve) => {
    child.once('close', (code, signal) => resolve({ ended: signal ?? String(code), output }));
  });
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
});
