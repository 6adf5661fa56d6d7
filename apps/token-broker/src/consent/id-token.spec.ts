import { SignJWT, exportJWK, generateKeyPair, type JSONWebKeySet, type JWTPayload } from 'jose';
import { beforeAll, describe, expect, it } from 'vitest';
import { IdTokenRefused, nameOf, verifyIdToken, type IdTokenRules } from './id-token.js';

const ISSUER = 'https://h/9/oauth2';
const SECRET = 'a secret of forty letters, as they are given';
let keys: Awaited<ReturnType<typeof generateKeyPair>>;
let jwks: JSONWebKeySet;

beforeAll(async () => {
  keys = await generateKeyPair('RS256', { extractable: true });
  jwks = { keys: [{ ...(await exportJWK(keys.publicKey)), kid: 'k1', alg: 'RS256', use: 'sig' }] };
});

const rules = (over: Partial<IdTokenRules> = {}): IdTokenRules => ({
  algorithm: 'RS256',
  issuer: ISSUER,
  clientId: 'client',
  secret: SECRET,
  nonce: 'n',
  jwks: () => Promise.resolve(jwks),
  ...over,
});
const claims = (over: JWTPayload = {}): JWTPayload => {
  const now = Math.floor(Date.now() / 1000);
  return { iss: ISSUER, aud: 'client', sub: '7', nonce: 'n', name: 'Ada', iat: now, exp: now + 60, ...over };
};
const byKey = (over: JWTPayload = {}) =>
  new SignJWT(claims(over)).setProtectedHeader({ alg: 'RS256', kid: 'k1' }).sign(keys.privateKey);
const bySecret = (secret: string, over: JWTPayload = {}) =>
  new SignJWT(claims(over)).setProtectedHeader({ alg: 'HS256' }).sign(new TextEncoder().encode(secret));

describe('an id token', () => {
  it('names the person', async () => {
    expect(await verifyIdToken(await byKey(), rules())).toEqual({ subject: '7', name: 'Ada' });
    expect(await verifyIdToken(await bySecret(SECRET), rules({ algorithm: 'HS256' }))).toEqual({
      subject: '7',
      name: 'Ada',
    });
    expect(await verifyIdToken(await byKey({ aud: ['client', 'other'], azp: 'client' }), rules())).toBeDefined();
  });

  it.each<[string, JWTPayload]>([
    ['another issuer', { iss: 'https://h/10/oauth2' }],
    ['another client', { aud: 'other' }],
    ['another visit', { nonce: 'm' }],
    ['no visit', { nonce: undefined }],
    ['several clients, and does not say which', { aud: ['client', 'other'] }],
    ['another party', { azp: 'other' }],
    ['yesterday', { iat: 1, exp: 2 }],
    ['no end', { exp: undefined as never }],
    ['nobody', { sub: '' }],
  ])('for %s is refused', async (_what, over) => {
    await expect(verifyIdToken(await byKey(over), rules())).rejects.toThrow(IdTokenRefused);
    await expect(verifyIdToken(await bySecret(SECRET, over), rules({ algorithm: 'HS256' }))).rejects.toThrow(
      IdTokenRefused,
    );
  });

  it('must be signed with the registered algorithm, whatever it says itself', async () => {
    const [key] = jwks.keys;
    // The classic confusion: the public key, which everybody has, used as the secret of HS256.
    const confused = await bySecret(JSON.stringify(key));
    await expect(verifyIdToken(confused, rules())).rejects.toThrow(IdTokenRefused);
    await expect(verifyIdToken(await byKey(), rules({ algorithm: 'HS256' }))).rejects.toThrow(IdTokenRefused);
    const [, body] = (await byKey()).split('.');
    const none = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${body}.`;
    await expect(verifyIdToken(none, rules())).rejects.toThrow(IdTokenRefused);
    await expect(verifyIdToken(await bySecret('another secret'), rules({ algorithm: 'HS256' }))).rejects.toThrow(
      IdTokenRefused,
    );
    await expect(verifyIdToken('nonsense', rules())).rejects.toThrow(IdTokenRefused);
  });

  it('is not blamed when the keys cannot be read', async () => {
    const away = () => Promise.reject(new Error('away'));
    await expect(verifyIdToken(await byKey(), rules({ jwks: away }))).rejects.toThrow('away');
  });
});

it('takes the first claim that names somebody, in one short line', () => {
  expect(nameOf({ name: ' ', given_name: 'Ada', family_name: 'M' })).toBe('Ada M');
  expect(nameOf({ preferred_username: 'ada', email: 'a@b' })).toBe('ada');
  expect(nameOf({ name: 'Ada\u0000\nM\ud800' })).toBe('Ada M\ufffd');
  expect(nameOf({ name: 'x'.repeat(500) })).toHaveLength(120);
  expect(nameOf({ name: 7 })).toBeNull();
});
