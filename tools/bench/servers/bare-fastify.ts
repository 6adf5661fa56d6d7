import { createRequire } from 'node:module';

/*
 * The machine's own limit for one HTTP request: Fastify with one route that takes the body as it comes and answers 200.
 * Prints its port as a JSON line and runs until SIGTERM.
 */
interface BareFastify {
  addContentTypeParser(
    type: string,
    options: { parseAs: 'buffer' },
    parser: (request: unknown, body: Buffer, done: (error: null, body: Buffer) => void) => void,
  ): void;
  removeAllContentTypeParsers(): void;
  post(path: string, handler: () => string): void;
  listen(options: { port: number; host: string }): Promise<string>;
  close(): Promise<void>;
}

// The very Fastify that the services run on, which is a dependency of Nest's adapter.
const adapter = createRequire(import.meta.url).resolve('@nestjs/platform-fastify');
const { fastify } = createRequire(adapter)('fastify') as { fastify: (options: object) => BareFastify };

const server = fastify({ logger: false });
server.removeAllContentTypeParsers();
server.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
server.post('/*', () => '');
const address = await server.listen({ port: 0, host: '127.0.0.1' });
process.once('SIGTERM', () => void server.close());
process.stdout.write(`${JSON.stringify({ port: Number(new URL(address).port) })}\n`);
