import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { TestScope } from '@relay/testing';

/** One client's consent at the vendor: refresh tokens are numbered, only the newest is good, and only once. */
export interface ConsentAtVendor {
  newest: number;
  /** How often each refresh token was sent. */
  readonly sent: Map<number, number>;
  /** A refresh token was used again: the vendor has ended the whole consent. */
  killed: boolean;
  /** A repeat of the newest exchange gets the same tokens again, until they have been used, as some vendors do it. */
  readonly hasGrace: boolean;
  /** Over which connection the newest tokens were sent. */
  sentOver: Socket | null;
}

/**
 * A vendor with rotating refresh tokens and reuse detection, as strict as the standards allow: no second use, and no grace
 * but where a consent is told to have one. It takes some time to answer, and acts on what it has read, whoever is gone.
 */
export class StrictVendor {
  readonly clients = new Map<string, { secret: string; expiresIn: number }>();
  readonly consents = new Map<string, ConsentAtVendor>();
  rotations = 0;
  doubleSpends = 0;
  /** When each connection was closed. */
  private readonly closedAt = new WeakMap<Socket, number>();

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
    server.on('connection', (socket) => {
      socket.once('close', () => vendor.closedAt.set(socket, Date.now()));
    });
    server.on('request', (request, response) => void vendor.serve(request, response));
    return vendor;
  }

  /** A person has consented: what the code would have been exchanged for. */
  consent(clientId: string, hasGrace = false): { accessToken: string; refreshToken: string; expiresIn: number } {
    this.consents.set(clientId, { newest: 1, sent: new Map(), killed: false, hasGrace, sentOver: null });
    return this.pair(clientId, 1);
  }

  /** When the connection was closed over which the newest tokens of a consent were sent; null: it is open. */
  cutOffAt({ sentOver }: ConsentAtVendor): number | null {
    return sentOver === null ? null : (this.closedAt.get(sentOver) ?? null);
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    await sleep(this.latencyMs());
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
    const isRepeat = consent.hasGrace && number === consent.newest - 1 && !consent.sent.has(consent.newest);
    if (consent.killed || (number !== consent.newest && !isRepeat)) {
      if (!consent.killed) this.doubleSpends += 1;
      consent.killed = true;
      return { status: 400, body: { error: 'invalid_grant' } };
    }
    this.rotations += 1;
    if (!isRepeat) consent.newest += 1;
    consent.sentOver = request.socket;
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
