import type { TwinReply, TwinRequest } from '@relay/vendor-twins';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import type { AddressInfo } from 'node:net';
import type { TestScope } from './scope.js';

/** A vendor's twin that can be given its address once it is known. */
export interface ServedTwin {
  handle(request: TwinRequest): TwinReply;
  moveTo(origin: string): void;
}

/** Serves a vendor's twin on a port of this machine until the scope ends; returns its address. */
export async function serveTwin(scope: TestScope, twin: ServedTwin): Promise<string> {
  const server = createServer((request, response) => void answer(twin, request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  scope.onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  twin.moveTo(origin);
  return origin;
}

async function answer(twin: ServedTwin, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const reply = twin.handle({
    method: request.method ?? 'GET',
    url: request.url ?? '/',
    headers: request.headers as Record<string, string | undefined>,
    body: Buffer.concat(chunks).toString('utf8'),
  });
  if (reply.kind === 'hang') return;
  if (reply.delayMs > 0) await delay(reply.delayMs);
  if (reply.kind === 'reset') {
    request.socket.destroy();
    return;
  }
  response.writeHead(reply.status, { ...reply.headers });
  response.end(reply.body);
}
