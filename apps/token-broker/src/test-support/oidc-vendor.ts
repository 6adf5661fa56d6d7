import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestScope } from '@relay/testing';
import { Provider } from 'oidc-provider';

/** A client that a tenant of the vendor has registered for the relay. */
export interface OidcClient {
  readonly clientId: string;
  /** Null: a public client. */
  readonly secret: string | null;
  readonly redirectUri: string;
  readonly algorithm?: 'RS256' | 'HS256';
}

const TTL = {
  AccessToken: 600,
  AuthorizationCode: 60,
  Grant: 3600,
  IdToken: 600,
  Interaction: 600,
  RefreshToken: 3600,
  Session: 600,
};

type Rewrite = (answer: { status: number; body: string }) => { status: number; body: string };

/**
 * A vendor whose authorization server nobody here wrote: one `oidc-provider` a tenant, below `/<provet id>/oauth2`, and one
 * address of the REST API that answers whoever brings a token of it.
 */
export class OidcVendor {
  /** Changes what the vendor answers on a path that ends so, as a hostile or broken one would. */
  readonly rewrites = new Map<string, Rewrite>();
  /** Answers on a path that ends so are sent after this, by when the vendor has acted. */
  readonly holds = new Map<string, Promise<void>>();
  readonly paths: string[] = [];
  /** Bodies of requests, as they were sent. */
  readonly bodies: string[] = [];
  private readonly tenants = new Map<string, Provider>();

  private constructor(readonly host: string) {}

  static async start(scope: TestScope): Promise<OidcVendor> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    scope.onTestFinished(() => {
      server.closeAllConnections();
      server.close();
    });
    const vendor = new OidcVendor(`127.0.0.1:${(server.address() as AddressInfo).port}`);
    server.on('request', (request, response) => void vendor.serve(request, response));
    return vendor;
  }

  issuerOf(provetId: number): string {
    return `http://${this.host}/${provetId}/oauth2`;
  }

  addTenant(provetId: number, client: OidcClient, over: Readonly<Record<string, unknown>> = {}): void {
    const method = client.secret === null ? 'none' : 'client_secret_basic';
    const metadata = {
      client_id: client.clientId,
      ...(client.secret === null ? {} : { client_secret: client.secret }),
      redirect_uris: [client.redirectUri],
      grant_types: ['authorization_code', 'refresh_token'],
      token_endpoint_auth_method: method,
      id_token_signed_response_alg: client.algorithm ?? 'RS256',
    };
    const provider = quietly(
      () =>
        new Provider(this.issuerOf(provetId), {
          clients: [metadata],
          scopes: ['openid', 'restapi'],
          claims: { openid: ['sub', 'name'] },
          enabledJWA: { idTokenSigningAlgValues: ['RS256', 'HS256'] },
          clientAuthMethods: ['client_secret_basic', 'none'],
          pkce: { required: () => true },
          issueRefreshToken: () => true,
          rotateRefreshToken: true,
          findAccount: (_ctx: unknown, accountId: string) => ({
            accountId,
            claims: () => ({ sub: accountId, name: 'Ada Manager' }),
          }),
          cookies: { keys: ['only-for-tests'] },
          features: { devInteractions: { enabled: true }, revocation: { enabled: true } },
          routes: { revocation: '/revoke_token/' },
          ttl: TTL,
          ...over,
        }),
    );
    this.tenants.set(String(provetId), provider);
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = request.url ?? '/';
    const [path = '/'] = url.split('?');
    this.paths.push(path);
    this.keepBody(request);
    const [, provetId = '', room] = path.split('/');
    const provider = this.tenants.get(provetId);
    if (provider === undefined) return void response.writeHead(404).end();
    if (room === 'api') {
      const token = (request.headers.authorization ?? '').replace('Bearer ', '');
      const known = (await provider.AccessToken.find(token)) !== undefined;
      return void response.writeHead(known ? 200 : 401, { 'content-type': 'application/json' }).end('{"results":[]}');
    }
    const rewrite = [...this.rewrites].find(([end]) => path.endsWith(end))?.[1];
    if (rewrite !== undefined) rewriteAnswer(response, rewrite);
    const hold = [...this.holds].find(([end]) => path.endsWith(end))?.[1];
    if (hold !== undefined) holdAnswer(response, hold);
    // As a framework does that mounts it below a path.
    Object.assign(request, { originalUrl: url, url: url.slice(`/${provetId}/oauth2`.length) });
    await provider.callback()(request, response);
  }

  /** Listens without reading: who serves the request must find it untouched. */
  private keepBody(request: IncomingMessage): void {
    const chunks: Buffer[] = [];
    const emit = request.emit.bind(request);
    request.emit = (event: string, ...values: unknown[]) => {
      if (event === 'data') chunks.push(Buffer.from(values[0] as Buffer));
      if (event === 'end' && chunks.length > 0) this.bodies.push(Buffer.concat(chunks).toString());
      return emit(event, ...values);
    };
  }
}

/** The provider warns at length that it is set up for development: that is what it is used for here. */
function quietly<T>(make: () => T): T {
  const { warn, info } = console;
  Object.assign(console, { warn: () => undefined, info: () => undefined });
  try {
    return make();
  } finally {
    Object.assign(console, { warn, info });
  }
}

function holdAnswer(response: ServerResponse, until: Promise<void>): void {
  const end = response.end.bind(response);
  response.end = ((chunk?: string | Buffer) => {
    void until.then(() => end(chunk));
    return response;
  }) as typeof response.end;
}

/** Holds the answer back until its end, and sends what is made of it. */
function rewriteAnswer(response: ServerResponse, rewrite: Rewrite): void {
  const end = response.end.bind(response);
  response.end = ((chunk?: string | Buffer) => {
    const { status, body } = rewrite({ status: response.statusCode, body: chunk?.toString() ?? '' });
    response.statusCode = status;
    response.removeHeader('content-length');
    return end(body);
  }) as typeof response.end;
}
