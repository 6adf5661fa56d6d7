import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Log, Metrics } from '@relay/service-kit';
import { fileScope } from '@relay/testing';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ProviderAway, ProviderCalls } from '../consent/provider-calls.js';
import type { Connection } from '../credentials/connection.js';
import { TokenEndpoint } from './token-endpoint.js';
import { TokenPace } from './token-pace.js';

const scope = fileScope();
const { signal } = new AbortController();
/** Requests that came to the vendor, and to a server next to it that nothing may be sent to. */
const seen = { vendor: [] as string[], trap: [] as string[] };
let vendorAnswers: (path: string) => { status: number; location?: string; body?: string } = () => ({ status: 200 });
let endpoint: TokenEndpoint;
let calls: ProviderCalls;
let host = '';
let trap = '';

async function serve(name: keyof typeof seen): Promise<string> {
  const server: Server = createServer((request, response) => {
    seen[name].push(`${request.method} ${request.url}`);
    const { status, location, body } = name === 'vendor' ? vendorAnswers(request.url ?? '') : { status: 200 };
    response.writeHead(status, location === undefined ? {} : { location }).end(body ?? '{}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  scope.onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

beforeAll(async () => {
  host = await serve('vendor');
  trap = await serve('trap');
  const common = {
    // The trap is allowed as a host: what keeps it from being called is that it is not the tenant's.
    allowedHosts: [host, trap],
    allowHttp: true,
    attemptTimeoutMs: 5000,
    log: Log.create({ service: 'token-broker', level: 'error', format: 'json', write: () => undefined }),
    metrics: new Metrics(),
  };
  const pace = new TokenPace(0, () => 1);
  const exact = { exactApiUrl: `http://${host}`, exactAuthorityUrl: '', exactTokenUrl: `http://${host}/t` };
  endpoint = new TokenEndpoint({ ...common, ...exact, pace });
  calls = new ProviderCalls({ ...common, metrics: new Metrics() });
  scope.onTestFinished(() => Promise.all([endpoint.close(), calls.onApplicationShutdown()]).then(() => undefined));
});

beforeEach(() => {
  seen.vendor = [];
  seen.trap = [];
});

const connection = (over: Partial<Connection> = {}): Connection => ({
  credentialId: `provet:${host}:9/c`,
  tenantId: `provet:${host}:9`,
  clientId: 'c',
  clientType: 'confidential',
  grant: 'client_credentials',
  host,
  tokenUrl: `http://${host}/9/oauth2/token/`,
  scopes: 'restapi',
  secret: 's',
  consent: {
    authorizeUrl: `http://${host}/9/oauth2/authorize/`,
    discoveryUrl: `http://${host}/9/oauth2/.well-known/openid-configuration`,
    algorithm: 'RS256',
    redirectUris: [],
  },
  source: 'hookup',
  receivedAt: 1,
  ...over,
});
const exact = (tokenUrl: string) =>
  connection({ tenantId: 'exact:qa', credentialId: 'exact:qa/c', host: null, tokenUrl, source: 'environment' });

describe('a secret or a token', () => {
  const everything = async (one: Connection) => {
    await endpoint.ask(one, { grant: 'client_credentials' });
    await endpoint.ask(one, { grant: 'refresh_token', refreshToken: 'r' });
    await endpoint.read(one, 'a', signal);
    if (one.host !== null) await endpoint.revoke(one, { token: 'r', hint: 'refresh_token' }, signal);
  };

  it.each([302, 307, 308])('does not follow a redirect (%i)', async (status) => {
    vendorAnswers = () => ({ status, location: `http://${trap}/9/caught` });
    await everything(connection());
    await everything(exact(`http://${host}/t`));
    expect(seen.trap).toEqual([]);
    expect(seen.vendor.length).toBeGreaterThanOrEqual(7);
  });

  it.each([
    ['on another host', () => `http://${trap}/9/oauth2/token/`],
    ['of another tenant', () => `http://${host}/10/oauth2/token/`],
    ['by a way up', () => `http://${host}/9/../10/oauth2/token/`],
    ['by an encoded way up', () => `http://${host}/9/..%2f10/oauth2/token/`],
    ['with a user', () => `http://u@${host}/9/oauth2/token/`],
    ['by another scheme', () => `ftp://${host}/9/oauth2/token/`],
  ])('is not sent to a token address %s, whatever stands in the row', async (_what, tokenUrl) => {
    vendorAnswers = () => ({ status: 200 });
    const odd = connection({ tokenUrl: tokenUrl() });
    const answer = await endpoint.ask(odd, { grant: 'client_credentials' });
    expect(answer).toMatchObject({ kind: 'failed', detail: 'refused-host' });
    expect(seen).toEqual({ vendor: [], trap: [] });
  });

  it('of EXACT goes to the address of the configuration, whatever stands in the row', async () => {
    vendorAnswers = () => ({ status: 200 });
    await endpoint.ask(exact(`http://${trap}/t`), { grant: 'client_credentials' });
    expect(seen).toEqual({ vendor: ['POST /t'], trap: [] });
  });
});

describe('an OpenID provider', () => {
  const provider = () => ({
    issuer: `http://${host}/9/oauth2`,
    jwksUri: `http://${host}/9/oauth2/jwks`,
    userinfoUrl: `http://${host}/9/oauth2/userinfo`,
    namesItself: false,
  });
  const person = { subject: 'ada', name: null };

  it('that redirects is away: neither document, keys nor people are read elsewhere', async () => {
    vendorAnswers = () => ({ status: 302, location: `http://${trap}/9/oauth2/x` });
    await expect(calls.discover(connection(), signal)).rejects.toThrow(ProviderAway);
    await expect(calls.jwks(provider(), signal)).rejects.toThrow(ProviderAway);
    expect(await calls.nameOf(person, provider(), 'planted', signal)).toBe('ada');
    expect(seen.vendor).toHaveLength(3);
    expect(seen.trap).toEqual([]);
  });

  it('that is not on an allowed host is not called, and no person is sent there', async () => {
    const unlisted = 'http://127.0.0.1:9/9/oauth2/jwks';
    await expect(calls.jwks({ ...provider(), jwksUri: unlisted }, signal)).rejects.toThrow('refused-host');
    for (const address of [
      unlisted,
      `https://evil.example/9/authorize/`,
      `http://u@${host}/9/authorize/`,
      `ftp://${host}/9/authorize/`,
      'javascript:alert(1)',
      `//${host}/9/authorize/`,
      '',
    ]) {
      expect(calls.maySendTo(address), address).toBe(false);
    }
    expect(calls.maySendTo(`http://${host}/9/authorize/`)).toBe(true);
  });
});
