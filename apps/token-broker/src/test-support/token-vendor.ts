import { createServer, type IncomingMessage } from 'node:http';
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
  /** Refresh tokens by client: what is answered to each in turn. Afterwards, and to others, `invalid_grant`. */
  readonly refreshes = new Map<string, RefreshAnswer[]>();
  /** Tokens that were revoked, in order, and what revocations are answered with: 200 when there is nothing left. */
  readonly revoked: { readonly client: string; readonly token: string; readonly hint: string | null }[] = [];
  readonly revocations: number[] = [];
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
        if (vendor.isSilent(authorization, Buffer.concat(chunks).toString())) {
          request.socket.destroy();
          return;
        }
        const { status, body } = vendor.reply(request, authorization, Buffer.concat(chunks).toString());
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

  private reply(request: IncomingMessage, authorization: string, body: string): { status: number; body: object } {
    if (request.method === 'GET') return this.read(authorization);
    if (request.url?.endsWith('/oauth2/revoke_token/') === true) return this.revoke(authorization, body);
    return this.answer(authorization, body);
  }

  private revoke(authorization: string, body: string): { status: number; body: object } {
    const [client = '', secret = ''] = clientOf(authorization);
    if (this.clients.get(client)?.secret !== secret) return { status: 401, body: { error: 'invalid_client' } };
    const form = new URLSearchParams(body);
    const status = this.revocations.shift() ?? 200;
    if (status === 200) {
      this.revoked.push({ client, token: form.get('token') ?? '', hint: form.get('token_type_hint') });
    }
    return { status, body: {} };
  }

  private read(authorization: string): { status: number; body: object } {
    if (!/^Bearer planted-token-\d+$/.test(authorization)) return { status: 401, body: {} };
    return { status: this.reads.shift() ?? 200, body: { count: 0, results: [] } };
  }

  private answer(authorization: string, body: string): { status: number; body: object } {
    const [client = '', secret = ''] = clientOf(authorization);
    this.requests.push({ client, body });
    const faults = this.faults.get(client) ?? 0;
    if (faults > 0) {
      this.faults.set(client, faults - 1);
      return { status: 503, body: { error: 'invalid_client' } };
    }
    const known = this.clients.get(client);
    if (known?.secret !== secret) return { status: 401, body: { error: 'invalid_client' } };
    const refreshToken = new URLSearchParams(body).get('refresh_token');
    if (refreshToken !== null) return this.refresh(client, known.expiresIn);
    const token = `planted-token-${(this.issued += 1)}`;
    return { status: 200, body: { access_token: token, expires_in: known.expiresIn, token_type: 'Bearer' } };
  }

  /** The next answer to a refresh is that the connection is cut. */
  private isSilent(authorization: string, body: string): boolean {
    const [client = ''] = clientOf(authorization);
    if (!body.includes('refresh_token=') || this.refreshes.get(client)?.[0] !== 'cut') return false;
    this.requests.push({ client, body });
    this.refreshes.get(client)?.shift();
    return true;
  }

  private refresh(client: string, expiresIn: number): { status: number; body: object } {
    const answer = this.refreshes.get(client)?.shift();
    if (answer === undefined || answer === 'cut') return { status: 400, body: { error: 'invalid_grant' } };
    if (typeof answer === 'number') return { status: answer, body: {} };
    const token = `planted-token-${(this.issued += 1)}`;
    return { status: 200, body: { access_token: token, expires_in: expiresIn, token_type: 'Bearer', ...answer } };
  }
}

/** Members of a granted answer, a status without a body, or a connection that is cut after the request. */
export type RefreshAnswer = { readonly refresh_token?: string } | number | 'cut';

function clientOf(authorization: string): string[] {
  const pair = Buffer.from(authorization.replace('Basic ', ''), 'base64').toString();
  return pair.split(':').map(decodeURIComponent);
}
