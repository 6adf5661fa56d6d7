import { describe, expect, it } from 'vitest';
import type { Connection, ConsentEndpoints } from '../credentials/connection.js';
import { DiscoveryRefused, idTokenAlgorithm, isRightIssuer, readDiscovery } from './openid-provider.js';

const ISSUER = 'https://h/9/oauth2';
const connection = (over: Partial<ConsentEndpoints> = {}, secret: string | null = 's'): Connection => ({
  credentialId: 'provet:h:9/c',
  tenantId: 'provet:h:9',
  clientId: 'c',
  clientType: 'confidential',
  grant: 'authorization_code',
  host: 'h',
  tokenUrl: `${ISSUER}/token/`,
  scopes: 'restapi',
  secret,
  consent: {
    authorizeUrl: `${ISSUER}/authorize/`,
    discoveryUrl: `${ISSUER}/.well-known/openid-configuration/`,
    algorithm: 'RS256',
    redirectUris: [],
    ...over,
  },
  source: 'hookup',
  receivedAt: 1,
});
const document = (over: object = {}) =>
  JSON.stringify({ issuer: ISSUER, jwks_uri: `${ISSUER}/jwks/`, userinfo_endpoint: `${ISSUER}/userinfo/`, ...over });

describe('a discovery document', () => {
  it('adds what no registration holds', () => {
    expect(readDiscovery(document(), connection())).toEqual({
      issuer: ISSUER,
      jwksUri: `${ISSUER}/jwks/`,
      userinfoUrl: `${ISSUER}/userinfo/`,
      namesItself: false,
    });
    const other = connection({ discoveryUrl: 'https://h/o/.well-known/openid-configuration' });
    const text = document({ issuer: 'https://h/o', jwks_uri: 'https://h/o/jwks', userinfo_endpoint: undefined });
    expect(readDiscovery(text, other)).toMatchObject({ jwksUri: 'https://h/o/jwks', userinfoUrl: null });
  });

  it.each<[string, object]>([
    ['another issuer', { issuer: 'https://h/10/oauth2' }],
    ['no issuer', { issuer: undefined }],
    ['keys on another host', { jwks_uri: 'https://evil/9/oauth2/jwks' }],
    ['keys on another port', { jwks_uri: 'https://h:444/9/oauth2/jwks' }],
    ['keys without TLS', { jwks_uri: 'http://h/9/oauth2/jwks' }],
    ['keys of another tenant', { jwks_uri: 'https://h/10/oauth2/jwks' }],
    ['keys by a way up', { jwks_uri: 'https://h/9/../10/jwks' }],
    ['keys by an encoded slash', { jwks_uri: 'https://h/9/..%2f10/jwks' }],
    ['keys with a user', { jwks_uri: 'https://u@h/9/jwks' }],
    ['keys by encoded dots', { jwks_uri: 'https://h/9/%2e%2e/10/jwks' }],
    ['keys without a scheme', { jwks_uri: '//evil/9/oauth2/jwks' }],
    ['keys by backslashes', { jwks_uri: 'https://h\\evil/9/jwks' }],
    ['keys behind a host as a user', { jwks_uri: 'https://h@evil/9/oauth2/jwks' }],
    ['keys by a line end', { jwks_uri: 'https://h/9/\n/../10/jwks' }],
    ['keys on this machine', { jwks_uri: 'https://127.0.0.1/9/oauth2/jwks' }],
    ['keys in a file', { jwks_uri: 'file:///9/oauth2/jwks' }],
    ['an issuer that is another tenant of the host', { issuer: 'https://h/9/oauth2/../../10' }],
    ['people without TLS', { userinfo_endpoint: 'http://h/9/oauth2/userinfo/' }],
    ['people of another tenant', { userinfo_endpoint: 'https://h/10/oauth2/userinfo/' }],
    ['no keys', { jwks_uri: undefined }],
    ['people on another host', { userinfo_endpoint: 'https://h.evil/9/userinfo/' }],
    ['people at no address', { userinfo_endpoint: 7 }],
  ])('with %s is refused', (_what, over) => {
    expect(() => readDiscovery(document(over), connection())).toThrow(DiscoveryRefused);
  });

  it('has no say in where people are sent, tokens asked for or revoked', () => {
    const elsewhere = 'https://evil/9/x';
    const members = ['authorization_endpoint', 'token_endpoint', 'revocation_endpoint', 'end_session_endpoint'];
    const text = document(Object.fromEntries(members.map((member) => [member, elsewhere])));
    expect(JSON.stringify(readDiscovery(text, connection()))).not.toContain('evil');
  });

  it('must be JSON', () => {
    expect(() => readDiscovery('<html>', connection())).toThrow(DiscoveryRefused);
    expect(() => readDiscovery('null', connection())).toThrow(DiscoveryRefused);
  });
});

describe('the issuer in an answer', () => {
  const provider = readDiscovery(document(), connection());
  it('is the one that is known, and must be there when the provider says that it always is', () => {
    expect(isRightIssuer(ISSUER, provider, connection())).toBe(true);
    expect(isRightIssuer(`${ISSUER}/`, provider, connection())).toBe(false);
    expect(isRightIssuer(null, provider, connection())).toBe(true);
    expect(isRightIssuer(null, { ...provider, namesItself: true }, connection())).toBe(false);
  });

  it('is at least one of the tenant when no document says which', () => {
    expect(isRightIssuer(null, null, connection())).toBe(true);
    expect(isRightIssuer(ISSUER, null, connection())).toBe(true);
    expect(isRightIssuer('https://h/9', null, connection())).toBe(true);
    for (const iss of [
      'https://h/10/oauth2',
      'https://h',
      'https://h/90',
      'http://h/9',
      'https://evil/9',
      'nonsense',
    ]) {
      expect(isRightIssuer(iss, null, connection())).toBe(false);
    }
  });
});

it('asks for id tokens only where they can be checked by the registered algorithm', () => {
  expect(idTokenAlgorithm(connection())).toBe('RS256');
  expect(idTokenAlgorithm(connection({ algorithm: 'HS256' }))).toBe('HS256');
  expect(idTokenAlgorithm(connection({ algorithm: 'HS256' }, null))).toBeNull();
  expect(idTokenAlgorithm(connection({ algorithm: null }))).toBeNull();
  expect(idTokenAlgorithm(connection({ algorithm: 'none' }))).toBeNull();
  expect(idTokenAlgorithm(connection({ discoveryUrl: null }))).toBeNull();
});
