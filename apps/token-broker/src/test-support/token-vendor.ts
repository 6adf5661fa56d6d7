import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestScope } from '@relay/testing';

/** A vendor's token endpoint: accepts the clients it knows, and answers 503 as often as a test asks it to. */
export class TokenVendor {
  readonly clients = new Map<string, { secret: string; expiresIn: number }>();
  /** Failures that are left before a client is served. */
  readonly faults = new Map<string, number>();
  readonly requests: { readonly client: string; readonly body: string }[] = [];
  /** What reads are answered with, in order; 200 when there is nothing left. */
  readonly reads: number[] = [];
  private issued = 0;

  private constructor(readonly host: string) {}

  static async start(scope: TestScope): Promise<TokenVendor> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    scope.onTestFinished(() => {
      server.closeAllConnections();
      server.close();
    });
    const vendor = new TokenVendor(`127.0.0.1:${(server.address() as AddressInfo).port}`);
    server.on('request', (request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const authorization = request.headers.authorization ?? '';
        const { status, body } =
          request.method === 'GET'
            ? vendor.read(authorization)
            : vendor.answer(authorization, Buffer.concat(chunks).toString());
        response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
      });
    });
    return vendor;
  }

  askedFor(client: string): number {
    return this.requests.filter((request) => request.client === client).length;
  }

  /** What the first request of a client carried. */
  formOf(client: string): Record<string, string> {
    return Object.fromEntries(new URLSearchParams(this.requests.find((one) => one.client === client)?.body));
  }

  private read(authorization: string): { status: number; body: object } {
    if (!/^Bearer planted-token-\d+$/.test(authorization)) return { status: 401, body: {} };
    return { status: this.reads.shift() ?? 200, body: { count: 0, results: [] } };
  }

  private answer(authorization: string, body: string): { status: number; body: object } {
    const pair = Buffer.from(authorization.replace('Basic ', ''), 'base64').toString();
    const [client = '', secret = ''] = pair.split(':').map(decodeURIComponent);
    this.requests.push({ client, body });
    const faults = this.faults.get(client) ?? 0;
    if (faults > 0) {
      this.faults.set(client, faults - 1);
      return { status: 503, body: { error: 'invalid_client' } };
    }
    const known = this.clients.get(client);
    if (known?.secret !== secret) return { status: 401, body: { error: 'invalid_client' } };
    const token = `planted-token-${(this.issued += 1)}`;
    return { status: 200, body: { access_token: token, expires_in: known.expiresIn, token_type: 'Bearer' } };
  }
}
