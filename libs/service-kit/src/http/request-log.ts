import type { FastifyInstance } from 'fastify';
import type { Log } from '../logging/log.js';
import type { Metrics } from '../metrics/metrics.js';
import { routeTemplate } from './route-template.js';

/** One metric and, at debug, one line for each request. Only the route's template is kept of its path. */
export function recordRequests(fastify: FastifyInstance, log: Log, metrics: Metrics): void {
  const seconds = metrics.histogram({
    name: 'relay_http_request_seconds',
    help: 'Time from request to answer',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
  });
  fastify.addHook('onResponse', (request, reply, done) => {
    const route = routeTemplate(request) ?? 'none';
    const status = reply.statusCode;
    seconds.observe({ method: request.method, route, status }, reply.elapsedTime / 1000);
    if (log.writes('debug')) {
      log.debug({ method: request.method, route, status, tookMs: Math.round(reply.elapsedTime) }, 'request');
    }
    done();
  });
}
