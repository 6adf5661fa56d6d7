import { setTimeout as wait } from 'node:timers/promises';
import type { DynamicModule } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { ProblemFilter, type Log } from '@relay/service-kit';
import type { TwinReply, TwinRequest } from '@relay/vendor-twins';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { PortTaken } from './port-taken.js';

export interface VendorServerOptions {
  readonly host: string;
  readonly port: number;
  /** The variable that moves the port. */
  readonly setting: string;
  /** What `GET /` says, in plain words. */
  readonly about: string;
  readonly handle: (request: TwinRequest) => TwinReply;
  /** Routes beside the vendor's, or an empty module. */
  readonly module: DynamicModule;
  readonly log: Log;
}

const BODY_LIMIT = 1024 * 1024;

/**
 * One vendor's port. The vendor's paths go to the twin as raw text by one catch-all route of Fastify, so that the
 * simulation costs little beside what is measured with it; Nest serves the routes of `module`.
 */
export class VendorServer {
  private constructor(
    private readonly app: NestFastifyApplication,
    /** `http://127.0.0.1:3100` */
    readonly origin: string,
  ) {}

  static async open(options: VendorServerOptions): Promise<VendorServer> {
    const adapter = new FastifyAdapter({
      bodyLimit: BODY_LIMIT,
      forceCloseConnections: true,
      routerOptions: { maxParamLength: 1024 },
    });
    const fastify = adapter.getInstance();
    // Bodies arrive as text whatever their type is: what a type means is for the twin to say.
    fastify.removeAllContentTypeParsers();
    fastify.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => done(null, body));
    fastify.all('/*', (request, reply) => answer(options, request, reply));
    const app = await NestFactory.create<NestFastifyApplication>(options.module, adapter, {
      logger: false,
      bodyParser: false,
      abortOnError: false,
      forceCloseConnections: true,
    });
    app.useGlobalFilters(new ProblemFilter(options.log));
    try {
      await app.listen(options.port, options.host);
    } catch (error) {
      await app.close();
      throw new PortTaken(options.setting, options.port, options.host, error);
    }
    return new VendorServer(app, originOf(app, options.host));
  }

  async close(): Promise<void> {
    // Requests that are held back or never answered would keep the port open.
    const closed = this.app.close();
    const server = this.app.getHttpServer() as { closeAllConnections(): void };
    server.closeAllConnections();
    await closed;
  }
}

function originOf(app: NestFastifyApplication, host: string): string {
  const address = app.getHttpServer().address() as { port: number };
  const name = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host;
  return `http://${name.includes(':') ? `[${name}]` : name}:${address.port}`;
}

async function answer(options: VendorServerOptions, request: FastifyRequest, reply: FastifyReply): Promise<void> {
  if (request.url === '/') {
    await reply.type('text/plain; charset=utf-8').send(options.about);
    return;
  }
  const outcome = options.handle({
    method: request.method,
    url: request.url,
    headers: singleHeaders(request),
    body: typeof request.body === 'string' ? request.body : '',
  });
  switch (outcome.kind) {
    case 'hang':
      reply.hijack();
      return;
    case 'reset':
      reply.hijack();
      await wait(outcome.delayMs);
      request.raw.socket.resetAndDestroy();
      return;
    case 'response':
      if (outcome.delayMs > 0) await wait(outcome.delayMs);
      await reply.code(outcome.status).headers(outcome.headers).send(outcome.body);
      return;
    default:
      outcome satisfies never;
  }
}

function singleHeaders(request: FastifyRequest): Record<string, string | undefined> {
  return Object.fromEntries(
    Object.entries(request.headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : value]),
  );
}
