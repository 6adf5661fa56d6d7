import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Log, Metrics } from '@relay/service-kit';
import { fileScope } from '@relay/testing';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Connection } from '../credentials/connection.js';
import { TokenEndpoint } from './token-endpoint.js';
import { TokenPace } from './token-pace.js';

type Seen = 'basic' | 'body' | 'public';

const scope = fileScope();
let endpoint: TokenEndpoint;
let host = '';
let seen: Seen[] = [];
/** The error word for a client that proves itself this way; null grants a token. */
let answer: (how: Seen) => string | null;

beforeAll(async () => {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const form = new URLSearchParams(Buffer.concat(chunks).toString());
      const how = request.headers.authorization ? 'basic' : form.has('client_secret') ? 'body' : 'public';
      seen.push(how);
      const error = answer(how);
      const body = error === null ? { access_token: 't', token_type: 'Bearer' } : { error };
      response.writeHead(error === null ? 200 : 401, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  scope.onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  endpoint = new TokenEndpoint({
    allowedHosts: [host],
    allowHttp: true,
    attemptTimeoutMs: 5000,
    exactApiUrl: '',
    exactAuthorityUrl: '',
    exactTokenUrl: '',
    pace: new TokenPace(0, () => 1),
    log: Log.create({ service: 'token-broker', level: 'error', format: 'json', write: () => undefined }),
    metrics: new Metrics(),
  });
  scope.onTestFinished(() => endpoint.close());
});

beforeEach(() => {
  seen = [];
});

const connection = (clientId: string, secret: string | null = 's'): Connection => ({
  credentialId: `provet:${host}:9/${clientId}`,
  tenantId: `provet:${host}:9`,
  clientId,
  clientType: secret === null ? 'public' : 'confidential',
  grant: 'client_credentials',
  host,
  tokenUrl: `http://${host}/9/oauth2/token/`,
  scopes: 'restapi',
  secret,
  consent: null,
  source: 'hookup',
  receivedAt: 1,
});
const ask = (one: Connection) => endpoint.ask(one, { grant: 'client_credentials' });

describe('a client with a secret', () => {
  it('proves itself in the header, and nothing else is tried when that is taken', async () => {
    answer = () => null;
    expect((await ask(connection('a'))).kind).toBe('granted');
    expect(seen).toEqual(['basic']);
  });

  it('is tried in the form where the header is not taken, and from then on there first', async () => {
    answer = (how) => (how === 'body' ? null : 'invalid_client');
    expect((await ask(connection('b'))).kind).toBe('granted');
    expect((await ask(connection('b'))).kind).toBe('granted');
    expect(seen).toEqual(['basic', 'body', 'body']);
  });

  it('is rejected once both ways are, with the word of the vendor', async () => {
    answer = () => 'invalid_client';
    expect(await ask(connection('c'))).toEqual({ kind: 'rejected', code: 'invalid_client' });
    expect(seen).toEqual(['basic', 'body']);
  });

  it('is not asked about twice when it is the grant that is refused', async () => {
    answer = () => 'invalid_grant';
    expect(await ask(connection('d'))).toEqual({ kind: 'rejected', code: 'invalid_grant' });
    expect(seen).toEqual(['basic']);
  });
});

it('asks once for a client that has no secret', async () => {
  answer = () => 'invalid_client';
  expect((await ask(connection('e', null))).kind).toBe('rejected');
  expect(seen).toEqual(['public']);
});
