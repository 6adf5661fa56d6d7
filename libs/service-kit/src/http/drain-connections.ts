import type { FastifyInstance } from 'fastify';

const LOOK_EVERY_MS = 50;

/**
 * Lets the server close as soon as the last answer is out. Connections that are idle when it begins to close are ended
 * by Node itself; one that was busy then would be kept open for its client's next request, until the grace is over.
 */
export function drainConnections(fastify: FastifyInstance): void {
  let closing: NodeJS.Timeout | null = null;
  fastify.addHook('preClose', (done) => {
    closing = setInterval(() => fastify.server.closeIdleConnections(), LOOK_EVERY_MS);
    done();
  });
  fastify.server.once('close', () => {
    if (closing) clearInterval(closing);
  });
  fastify.addHook('onSend', (_request, reply, payload, done) => {
    if (closing) void reply.header('connection', 'close');
    done(null, payload);
  });
}
