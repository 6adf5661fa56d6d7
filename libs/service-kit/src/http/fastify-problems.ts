import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Socket } from 'node:net';
import { PROBLEM_TYPE, problemBody } from './problem.js';

/** Lets a sender come back once another process has taken over. */
const DRAINING_RETRY_SECONDS = '5';

/**
 * An escape that cannot be decoded, and a segment longer than any that is known: addresses at which nothing is, like every
 * other unknown one. A secret in a path that is spelt wrong must look no different from a wrong secret.
 */
const NO_ADDRESS: ReadonlySet<string> = new Set(['FST_ERR_BAD_URL', 'FST_ERR_MAX_PARAM_LENGTH']);

/** Answers that Fastify gives before any filter can run: an address or a request that cannot be read. */
export const problemFastifyOptions = {
  frameworkErrors: (error: { code?: string; statusCode?: number }, _request: FastifyRequest, reply: FastifyReply) => {
    const status = NO_ADDRESS.has(error.code ?? '') ? 404 : (error.statusCode ?? 400);
    const body = problemBody(status, {
      detail: status === 404 ? 'there is nothing at this address' : 'the address cannot be read',
    });
    void reply.code(status).type(PROBLEM_TYPE).send(JSON.stringify(body));
  },
  clientErrorHandler: (error: { code?: string }, socket: Socket) => {
    // The sender is gone already: there is nobody to answer.
    if (error.code === 'ECONNRESET' || socket.destroyed || !socket.writable) {
      socket.destroy();
      return;
    }
    // An answer came before the rest of its request, or for the request before: a second one would be taken for that of
    // the next request. Whoever gets none finds the connection closed, and may try again.
    if (error.code === 'ERR_HTTP_REQUEST_TIMEOUT' && socket.bytesWritten > 0) {
      socket.destroy();
      return;
    }
    const status = error.code === 'ERR_HTTP_REQUEST_TIMEOUT' ? 408 : error.code === 'HPE_HEADER_OVERFLOW' ? 431 : 400;
    const body = problemBody(status, { detail: 'the request cannot be read' });
    const text = JSON.stringify(body);
    socket.end(
      `HTTP/1.1 ${status} ${body.title}\r\nContent-Type: ${PROBLEM_TYPE}\r\n` +
        `Content-Length: ${Buffer.byteLength(text)}\r\nConnection: close\r\n\r\n${text}`,
    );
  },
};

/** The framework's own 503 while it drains has a form of its own; ours has the form of all other errors. */
export function problemForDraining(fastify: FastifyInstance): void {
  fastify.addHook('onSend', (_request, reply, payload, done) => {
    const type = reply.getHeader('content-type');
    if (reply.statusCode !== 503 || (typeof type === 'string' && type.startsWith(PROBLEM_TYPE))) {
      return done(null, payload);
    }
    if (typeof payload !== 'string' || !payload.includes('"Service Unavailable"')) return done(null, payload);
    const body = JSON.stringify(problemBody(503, { code: 'stopping', detail: 'the service is stopping' }));
    void reply.type(PROBLEM_TYPE).header('retry-after', DRAINING_RETRY_SECONDS);
    void reply.header('content-length', Buffer.byteLength(body));
    return done(null, body);
  });
}
