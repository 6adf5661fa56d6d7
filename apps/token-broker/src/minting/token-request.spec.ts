import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Connection } from '../credentials/connection.js';
import { buildTokenRequest, type TokenAsk } from './token-request.js';

const connection = (over: Partial<Connection> = {}): Connection => ({
  credentialId: 'provet:h:9/c',
  tenantId: 'provet:h:9',
  clientId: 'c',
  clientType: 'confidential',
  grant: 'client_credentials',
  host: 'h',
  tokenUrl: 'https://h/9/oauth2/token/',
  scopes: 'appointment.get patient.get',
  secret: 's',
  consent: null,
  source: 'hookup',
  receivedAt: 1,
  ...over,
});
const pair = (header: string) => Buffer.from(header.replace('Basic ', ''), 'base64').toString('utf8');

it('asks with a form and a Basic header', () => {
  const request = buildTokenRequest(connection());
  expect(request).toMatchObject({ method: 'POST', url: 'https://h/9/oauth2/token/' });
  expect(request.headers['content-type']).toBe('application/x-www-form-urlencoded');
  expect(Object.fromEntries(new URLSearchParams(request.body))).toEqual({
    grant_type: 'client_credentials',
    scope: 'appointment.get patient.get',
  });
  expect(pair(request.headers['authorization'] as string)).toBe('c:s');
  expect(request.body).not.toContain('client_secret');
});

it('encodes id and secret so that one colon is left and both decoders give them back', () => {
  const text = fc.string({ unit: 'grapheme', minLength: 1 }).filter((s) => s.isWellFormed());
  fc.assert(
    fc.property(text, text, (clientId, secret) => {
      const header = buildTokenRequest(connection({ clientId, secret })).headers['authorization'] as string;
      const parts = pair(header).split(':');
      expect(parts.map(decodeURIComponent)).toEqual([clientId, secret]);
      expect(parts.map((part) => new URLSearchParams(`x=${part}`).get('x'))).toEqual([clientId, secret]);
    }),
  );
});

it('names a public client in the body', () => {
  const request = buildTokenRequest(connection({ clientType: 'public', secret: null }));
  expect(request.headers['authorization']).toBeUndefined();
  expect(new URLSearchParams(request.body).get('client_id')).toBe('c');
});

it('refreshes with the refresh token alone, and exchanges a code with its verifier', () => {
  const bodyOf = (ask: TokenAsk) => {
    const request = buildTokenRequest(connection(), ask);
    expect(pair(request.headers['authorization'] as string)).toBe('c:s');
    return Object.fromEntries(new URLSearchParams(request.body));
  };
  expect(bodyOf({ grant: 'refresh_token', refreshToken: 'r+1' })).toEqual({
    grant_type: 'refresh_token',
    refresh_token: 'r+1',
  });
  const code = { grant: 'authorization_code', code: 'c1', redirectUri: 'https://r/cb', codeVerifier: 'v' } as const;
  expect(bodyOf(code)).toEqual({
    grant_type: 'authorization_code',
    code: 'c1',
    redirect_uri: 'https://r/cb',
    code_verifier: 'v',
  });
});

it('puts a client with a secret into the form where the vendor wants it there', () => {
  const request = buildTokenRequest(connection(), { grant: 'client_credentials' }, 'body');
  expect(Object.fromEntries(new URLSearchParams(request.body))).toMatchObject({ client_id: 'c', client_secret: 's' });
  expect(request.headers['authorization']).toBeUndefined();
  expect(buildTokenRequest(connection()).body).not.toContain('client_id');
});
