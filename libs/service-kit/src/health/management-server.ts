import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Metrics } from '../metrics/metrics.js';
import type { Health } from './health.js';

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

const json = (status: number, value: unknown): Answer => ({
  status,
  type: 'application/json; charset=utf-8',
  body: JSON.stringify(value),
});

/** Health and metrics on a port of their own: they answer while the service starts, stops or is busy. */
export class ManagementServer {
  private readonly server: Server;

  constructor(
    private readonly health: Health,
    private readonly metrics: Metrics,
  ) {
    this.server = createServer((request, response) => void this.serve(request, response));
  }

  /** Opens the port; rejects when it is taken. Gives the port, which differs from what was asked when that was 0. */
  async open(port: number, host: string): Promise<number> {
    const { promise, resolve, reject } = Promise.withResolvers<number>();
    this.server.once('error', reject);
    this.server.listen(port, host, () => {
      this.server.removeListener('error', reject);
      resolve((this.server.address() as AddressInfo).port);
    });
    return promise;
  }

  async close(): Promise<void> {
    if (!this.server.listening) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.server.close(() => resolve());
    this.server.closeAllConnections();
    await promise;
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const answer = await this.answer(request).catch(() => json(500, { status: 'down' }));
    const allow = answer.status === 405 ? { allow: 'GET, HEAD' } : {};
    response.writeHead(answer.status, {
      'content-type': answer.type,
      'content-length': Buffer.byteLength(answer.body),
      'cache-control': 'no-store',
      ...allow,
    });
    response.end(request.method === 'HEAD' ? undefined : answer.body);
  }

  private async answer(request: IncomingMessage): Promise<Answer> {
    const path = (request.url ?? '/').split('?', 1)[0];
    if (path !== '/health/live' && path !== '/health/ready' && path !== '/metrics') {
      return json(404, { status: 404, title: 'Not Found' });
    }
    if (request.method !== 'GET' && request.method !== 'HEAD')
      return json(405, { status: 405, title: 'Method Not Allowed' });
    if (path === '/health/live') {
      const live = this.health.live();
      return json(live.status === 'up' ? 200 : 503, live);
    }
    if (path === '/health/ready') {
      const ready = await this.health.ready();
      return json(ready.status === 'up' ? 200 : 503, ready);
    }
    return { status: 200, type: this.metrics.registry.contentType, body: await this.metrics.registry.metrics() };
  }
}
