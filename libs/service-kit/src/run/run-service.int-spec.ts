import { freePort, until } from '@relay/testing';
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { join } from 'node:path';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';

const ROOT = join(import.meta.dirname, '..', '..', '..', '..');
const SECRET = 'a-hookup-secret-that-nobody-may-read';

/** A small service over the built library. `BEHAVIOUR` makes it wait for ever at start, or fail later. */
const PROGRAM = `
  import { Module } from '@nestjs/common';
  import { ConfigError, commonSettings, portSetting, runService, setting } from '#service-kit';
  class Root {}
  const waits = process.env.BEHAVIOUR === 'waits';
  const needed = process.env.BEHAVIOUR === 'lacks-key';
  Module({ providers: [{ provide: 'dependency', useFactory: () => needed ? Promise.reject(new ConfigError(['KEYS lacks key a, which 2 rows need'])) : (waits ? new Promise(() => {}) : 1) }] })(Root);
  const forever = setInterval(() => {}, 1000);
  await runService({
    name: 'gateway',
    settings: { ...commonSettings, ...portSetting(3000), secret: setting.secret({ env: 'HOOKUP_SECRET', about: 'secret' }) },
    module: () => Root,
    http: {
      configure: (app, config) => {
        const fastify = app.getHttpAdapter().getInstance();
        fastify.get('/slow', async () => { console.log('arrived'); await new Promise((resolve) => setTimeout(resolve, 400)); return 'done ' + config.secret.length; });
        fastify.get('/never', async () => { console.log('arrived'); return new Promise(() => {}); });
        fastify.get('/reject', async () => { void Promise.reject(new Error('lost ' + config.secret)); return 'ok'; });
      },
    },
  });
`;

interface Running {
  readonly url: string;
  readonly management: string;
  out(): string;
  signal(name: NodeJS.Signals): void;
  readonly ended: Promise<number | string>;
}

async function start(env: Record<string, string> = {}): Promise<Running> {
  const port = env['PORT'] ?? String(await freePort());
  const managementPort = env['MANAGEMENT_PORT'] ?? String(await freePort());
  const child = spawn(process.execPath, ['--input-type=module', '-e', PROGRAM], {
    cwd: ROOT,
    env: { KAFKA_BROKERS: '127.0.0.1:1', HOOKUP_SECRET: SECRET, ...env, PORT: port, MANAGEMENT_PORT: managementPort },
  });
  let out = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (out += chunk.toString()));
  const ended = once(child, 'close').then(([code, signal]) => (code ?? signal) as number | string);
  onTestFinished(() => void child.kill('SIGKILL'));
  return {
    url: `http://127.0.0.1:${port}`,
    management: `http://127.0.0.1:${managementPort}`,
    out: () => out,
    signal: (name) => void child.kill(name),
    ended,
  };
}

const statusOf = async (url: string) => (await fetch(url)).status;
const ready = (service: Running) =>
  until('the service is ready', async () => (await statusOf(`${service.management}/health/ready`)) === 200);

beforeAll(() => {
  if (!existsSync(join(ROOT, 'dist/libs/service-kit/src/index.js'))) throw new Error('not built: run `npm run build`');
});

describe('a service with wrong settings', () => {
  it('ends with 78, names all of them and opens no port', async () => {
    const service = await start({ KAFKA_BROKERS: '', TOPIC_PARTITIONS: 'many', HOOKUP_SECRET_FILE: '/nowhere' });
    expect(await service.ended).toBe(78);
    expect(service.out()).toMatch(/KAFKA_BROKERS is missing/);
    expect(service.out()).toMatch(/TOPIC_PARTITIONS must be a whole number/);
    expect(service.out()).toMatch(/HOOKUP_SECRET and HOOKUP_SECRET_FILE are both set/);
    expect(service.out()).not.toContain(SECRET);
    await expect(fetch(`${service.management}/health/live`)).rejects.toThrow('fetch failed');
  });
});

describe('a service that finds out only at its data that a setting is wrong', () => {
  it('ends with 78 and names it, before its own port opens', async () => {
    const service = await start({ BEHAVIOUR: 'lacks-key' });
    expect(await service.ended).toBe(78);
    expect(service.out()).toContain('gateway cannot start, its settings are wrong:\n  - KEYS lacks key a');
    await expect(fetch(`${service.url}/slow`)).rejects.toThrow('fetch failed');
  });
});

describe('a service', () => {
  it('starts, answers on both ports and never prints a secret', async () => {
    const service = await start({ LOG_LEVEL: 'trace' });
    await ready(service);
    expect(await statusOf(`${service.url}/slow`)).toBe(200);
    expect(await statusOf(`${service.management}/health/live`)).toBe(200);
    expect(await statusOf(`${service.management}/anything`)).toBe(404);
    expect(await (await fetch(`${service.management}/metrics`)).text()).toMatch(
      /relay_http_request_seconds_count\{method="GET",route="\/slow",status="200"\} 1/,
    );
    service.signal('SIGTERM');
    expect(await service.ended).toBe(0);
    expect(service.out()).toContain('HOOKUP_SECRET=(set)');
    expect(service.out()).not.toContain(SECRET);
  });

  it('finishes what it has begun when it is told to stop, also twice at once', async () => {
    const service = await start();
    await ready(service);
    const slow = fetch(`${service.url}/slow`);
    await until('the request has arrived', async () => service.out().includes('arrived'));
    service.signal('SIGINT');
    service.signal('SIGTERM');
    expect(await (await slow).text()).toBe(`done ${SECRET.length}`);
    expect(await service.ended).toBe(0);
  });

  it('gives up after its grace and says so', async () => {
    const service = await start({ SHUTDOWN_GRACE_MS: '300' });
    await ready(service);
    const never = fetch(`${service.url}/never`).catch(() => 'cut off');
    await until('the request has arrived', async () => service.out().includes('arrived'));
    service.signal('SIGTERM');
    expect(await service.ended).toBe(1);
    expect(service.out()).toContain('stopped before everything begun was finished');
    expect(await never).toBe('cut off');
  });

  it('is alive but not ready while it waits for something, and stops at once', async () => {
    const service = await start({ BEHAVIOUR: 'waits' });
    await until('it is alive', async () => (await statusOf(`${service.management}/health/live`)) === 200);
    const answer = await fetch(`${service.management}/health/ready`);
    expect(answer.status).toBe(503);
    expect(await answer.json()).toEqual({
      status: 'down',
      checks: { service: { status: 'down', detail: 'starting' } },
    });
    service.signal('SIGTERM');
    expect(await service.ended).toBe(0);
  });

  it('logs an error that nobody caught, without the secret in it, and ends with 1', async () => {
    const service = await start();
    await ready(service);
    await fetch(`${service.url}/reject`).catch(() => undefined);
    expect(await service.ended).toBe(1);
    expect(service.out()).toMatch(/"msg":"unhandled rejection"/);
    expect(service.out()).toContain('lost [hidden]');
  });

  it.each(['PORT', 'MANAGEMENT_PORT'])('names the busy port and its setting: %s', async (name) => {
    const taken = createServer().listen(0, '127.0.0.1');
    onTestFinished(() => void taken.close());
    await once(taken, 'listening');
    const address = taken.address();
    const port = String(typeof address === 'object' && address ? address.port : 0);
    const service = await start({ [name]: port });
    expect(await service.ended).toBe(1);
    expect(service.out()).toContain(`port ${port} on 127.0.0.1 is in use by another process`);
    expect(service.out()).toMatch(new RegExp(`another port in ${name}"`));
  });
});
