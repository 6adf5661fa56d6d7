import type { FastifyInstance } from 'fastify';
import { readPageFiles } from './page-files.js';

/** Serves the page. Files may be kept by the browser only if it asks again each time: an update shows at once. */
export function servePage(fastify: FastifyInstance): void {
  for (const [address, { type, bytes }] of readPageFiles()) {
    fastify.get(address, (_request, reply) => reply.type(type).header('cache-control', 'no-cache').send(bytes));
  }
}
