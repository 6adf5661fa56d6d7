import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { TestScope } from '@relay/testing';

/** One client's consent at the vendor: refresh tokens are numbered, only the newest is good, and only once. */
export interface ConsentAtVendor {
  newest: number;
  /** How often each refresh token was sent. */
  readonly sent: Map<number, number>;
  /** A refresh token was used again: the vendor has ended the whole consent. */
  killed: boolean;
}

/**
 * A vendor with rotating refresh tokens and reuse detection, as strict as the standards allow: no grace, no second use. It
 * takes some time to answer, and acts only for connections that are still open.
 */
export class StrictVendor {
  readonly clients = new Map<string, { secret: string; expiresIn: number }>();
  readonly consents = new Map<string, ConsentAtVendor>();
  rotations = 0;
  doubleSpends = 0;
  private gate: Promise<void> = Promise.resolve();
  private openGate: () => void = () => undefined;

  private constructor(
    readonly host: string,
    private readonly latencyMs: () => number,
  ) {}

  static async start(scope: TestScope, latencyMs: () => number): Promise<StrictVendor> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    scope.onTestFinished(() => {
      server.closeAllConnections();
      server.close();
    });
    const vendor = new StrictVendor(`127.0.0.1:${(server.address() as AddressInfo).port}`, latencyMs);
    server.on('request', (request, response) => void vendor.serve(request, response));
    return vendor;
  }

  /** A person has consented: what the code would have been exchanged for. */
  consent(clientId: string): { accessToken: string; refreshToken: string; expiresIn: number } {
    this.consents.set(clientId, { newest: 1, sent: new Map(), killed: false });
    return this.pair(clientId, 1);
  }

  /** Acts on nothing until `release`: what is on its way stays there. */
  hold(): void {
    this.gate = new Promise((resolve) => (this.openGate = resolve));
  }

  release(): void {
    this.openGate();
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    await sleep(this.latencyMs());
    await this.gate;
    // Whoever asked is gone: its side of the connection is closed.
    if (request.socket.destroyed || request.socket.writableEnded) return;
    const { status, body } = request.method === 'GET' ? this.read(request) : this.token(request, chunks);
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  }

  private read(request: IncomingMessage): { status: number; body: object } {
    const isKnown = (request.headers.authorization ?? '').startsWith('Bearer access-');
    return { status: isKnown ? 200 : 401, body: {} };
  }

  private token(request: IncomingMessage, chunks: Buffer[]): { status: number; body: object } {
    const pair = Buffer.from((request.headers.authorization ?? '').replace('Basic ', ''), 'base64').toString();
    const clientId = decodeURIComponent(pair.split(':')[0] ?? '');
    const form = new URLSearchParams(Buffer.concat(chunks).toString());
    const consent = this.consents.get(clientId);
    const number = Number(form.get('refresh_token')?.split('-').at(-1));
    if (consent === undefined || form.get('grant_type') !== 'refresh_token') {
      return { status: 400, body: { error: 'unsupported_grant_type' } };
    }
    consent.sent.set(number, (consent.sent.get(number) ?? 0) + 1);
    if (consent.killed || number !== consent.newest) {
      if (!consent.killed) this.doubleSpends += 1;
      consent.killed = true;
      return { status: 400, body: { error: 'invalid_grant' } };
    }
    this.rotations += 1;
    consent.newest += 1;
    const { accessToken, refreshToken, expiresIn } = this.pair(clientId, consent.newest);
    const body = { access_token: accessToken, refresh_token: refreshToken, expires_in: expiresIn };
    return { status: 200, body: { ...body, token_type: 'Bearer' } };
  }

  private pair(clientId: string, number: number) {
    return {
      accessToken: `access-${clientId}-${number}`,
      refreshToken: `refresh-${clientId}-${number}`,
      expiresIn: this.clients.get(clientId)?.expiresIn ?? 3600,
    };
  }
}
