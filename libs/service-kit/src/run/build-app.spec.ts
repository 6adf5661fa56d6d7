import { Controller, Get, Injectable, Module, Post, type OnModuleInit } from '@nestjs/common';
import { EventPattern, Payload, Server, type CustomTransportStrategy } from '@nestjs/microservices';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { lastValueFrom } from 'rxjs';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Health } from '../health/health.js';
import { Problem } from '../http/problem.js';
import { Log } from '../logging/log.js';
import { Metrics } from '../metrics/metrics.js';
import { commonSettings, portSetting } from '../settings/common-settings.js';
import { readConfig } from '../settings/read-config.js';
import { defineSettings } from '../settings/setting.js';
import { buildApp } from './build-app.js';
import { defineService } from './service-definition.js';

const settings = defineSettings({ ...commonSettings, ...portSetting(3000) });
const secret = 'a-secret-that-is-part-of-a-path';

@Injectable()
class CountsInits implements OnModuleInit {
  inits = 0;
  onModuleInit(): void {
    this.inits += 1;
  }
}

@Controller()
class Things {
  @Get('things/:secret')
  one(): string {
    return 'one';
  }
  @Post('things/:secret')
  add(): never {
    throw new Problem(503, {
      code: 'no-room',
      detail: 'later',
      headers: { 'retry-after': '7' },
      extra: { errors: [] },
    });
  }
  @Post('lists/all')
  all(): string {
    return 'all';
  }
  @Get('lists/:id')
  list(): string {
    return 'list';
  }
  @Get('boom/:secret')
  boom(): never {
    throw new Error(`cannot read ${secret}`);
  }
  @EventPattern<string>('fails')
  fails(@Payload() text: string): never {
    throw new RangeError(text);
  }
}

@Module({ controllers: [Things], providers: [CountsInits] })
class Root {}

class DirectTransport extends Server implements CustomTransportStrategy {
  override readonly transportId = Symbol('direct');
  listen(callback: () => void): void {
    callback();
  }
  close(): void {}
  on(): void {}
  unwrap(): never {
    throw new Error('there is nothing inside');
  }
  async emit(pattern: string, value: unknown): Promise<void> {
    const handler = this.getHandlerByPattern(pattern);
    await lastValueFrom(this.transformToObservable(await handler?.(value)), { defaultValue: undefined });
  }
}

async function app(
  strategies: CustomTransportStrategy[] = [],
): Promise<{ app: NestFastifyApplication; lines: string[] }> {
  const lines: string[] = [];
  const log = Log.create({ service: 'gateway', level: 'debug', format: 'json', write: (line) => lines.push(line) });
  log.neverPrint(secret);
  const config = readConfig(settings, { env: { KAFKA_BROKERS: 'a:1' } });
  const definition = defineService({
    name: 'gateway',
    settings,
    module: () => Root,
    http: {
      configure: (nest) => {
        const fastify = nest.getHttpAdapter().getInstance();
        fastify.get('/pages/*', () => 'page');
        fastify.post('/pages/sign-in', () => 'signed in');
      },
    },
    strategies: () => strategies,
  });
  const built = await buildApp(definition, config, { config, log, health: new Health(), metrics: new Metrics() });
  onTestFinished(() => built.close());
  await built.getHttpAdapter().getInstance().ready();
  return { app: built, lines };
}

describe('a service over HTTP', () => {
  it.each([
    ['GET', `/nothing/${secret}`, undefined, 404, 'not-found', undefined],
    ['DELETE', `/things/${secret}`, undefined, 405, 'method-not-allowed', '/things/{secret}'],
    ['POST', `/things/${secret}`, undefined, 503, 'no-room', '/things/{secret}'],
    ['GET', `/boom/${secret}`, undefined, 500, 'internal-error', '/boom/{secret}'],
    ['POST', `/things/${secret}`, { type: 'application/json', body: '{"a' }, 400, 'bad-request', '/things/{secret}'],
    [
      'POST',
      `/things/${secret}`,
      { type: 'text/x-other', body: 'a' },
      415,
      'unsupported-media-type',
      '/things/{secret}',
    ],
    [
      'POST',
      `/things/${secret}`,
      { type: 'application/json', body: `"${'a'.repeat(2 ** 21)}"` },
      413,
      'body-too-large',
      '/things/{secret}',
    ],
    ['GET', `/%zz${secret}`, undefined, 404, 'not-found', undefined],
    ['POST', `/things/%zz${secret}`, undefined, 404, 'not-found', undefined],
    ['POST', `/things/${secret.repeat(99)}`, undefined, 404, 'not-found', undefined],
  ] as const)('answers %s %s as a problem that repeats nothing', async (method, url, body, status, code, instance) => {
    const { app: built, lines } = await app();
    const answer = await built.inject({
      method,
      url,
      ...(body ? { payload: body.body, headers: { 'content-type': body.type } } : {}),
    });
    expect(answer.statusCode).toBe(status);
    expect(answer.headers['content-type']).toMatch(/^application\/problem\+json/);
    expect(answer.json()).toMatchObject({ type: 'about:blank', status, code, title: expect.any(String) as unknown });
    expect(answer.json<{ instance?: string }>().instance).toBe(instance);
    expect(answer.body).not.toMatch(/secret-that|node_modules|\.ts:/);
    expect(lines.join('')).not.toContain(secret);
  });

  it('keeps headers and members that the problem carries', async () => {
    const { app: built } = await app();
    const answer = await built.inject({ method: 'POST', url: '/things/a' });
    expect(answer.headers['retry-after']).toBe('7');
    expect(answer.json()).toMatchObject({ detail: 'later', errors: [] });
  });

  it('names the allowed methods, and refuses nothing that another route takes', async () => {
    const { app: built } = await app();
    expect((await built.inject({ method: 'PUT', url: '/things/a' })).headers['allow']).toBe('GET, HEAD, POST');
    expect((await built.inject({ method: 'GET', url: '/lists/all' })).body).toBe('list');
    expect((await built.inject({ method: 'DELETE', url: '/lists/all' })).statusCode).toBe(405);
    expect((await built.inject({ method: 'GET', url: '/pages/sign-in' })).body).toBe('page');
    expect((await built.inject({ method: 'PUT', url: '/pages/sign-in' })).statusCode).toBe(405);
  });

  it('refuses new requests as a problem while it drains', async () => {
    const { app: built } = await app();
    built.getHttpAdapter().beforeClose?.();
    const answer = await built.inject({ method: 'GET', url: '/things/a' });
    expect(answer.statusCode).toBe(503);
    expect(answer.headers).toMatchObject({ 'retry-after': '5', connection: 'close' });
    expect(answer.json()).toMatchObject({ status: 503, code: 'stopping' });
  });
});

describe('a service with a transport of its own', () => {
  it('gives handler errors to the transport unchanged and starts modules once', async () => {
    const transport = new DirectTransport();
    const { app: built } = await app([transport]);
    await built.startAllMicroservices();
    await expect(transport.emit('fails', 'as it was')).rejects.toThrow(new RangeError('as it was'));
    expect(built.get(CountsInits).inits).toBe(1);
  });
});
