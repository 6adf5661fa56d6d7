import { expect, it } from 'vitest';
import type { HookupValue } from '@relay/contracts';
import { HookupInconsistent, readHookup } from './read-hookup.js';

const HOST = '127.0.0.1:8080';
const TENANT = `provet:${HOST}:9`;
const value = (over: Partial<HookupValue> = {}, registration: object = {}): HookupValue => ({
  tenantId: TENANT,
  credentialId: `${TENANT}/c`,
  host: HOST,
  source: 'hookup',
  receivedAt: '2026-01-01T00:00:00.000Z',
  ...over,
  registration: {
    provet_id: 9,
    client_id: 'c',
    client_secret: 'sealed',
    algorithm: null,
    authorization_grant_type: 'client-credentials',
    client_type: 'confidential',
    redirect_uris: '',
    token_url: `http://${HOST}/9/oauth2/token/`,
    authorize_url: `http://${HOST}/9/oauth2/authorize/`,
    openid_autodiscovery_url: null,
    ...registration,
  },
});

it('reads how to ask for tokens', () => {
  expect(readHookup(value(), 's')).toEqual({
    credentialId: `${TENANT}/c`,
    tenantId: TENANT,
    clientId: 'c',
    clientType: 'confidential',
    grant: 'client_credentials',
    host: HOST,
    tokenUrl: `http://${HOST}/9/oauth2/token/`,
    scopes: 'restapi',
    secret: 's',
    consent: null,
    source: 'hookup',
    receivedAt: Date.UTC(2026, 0, 1),
  });
});

it('reads where and how a person consents', () => {
  const registration = {
    authorization_grant_type: 'authorization-code',
    algorithm: 'RS256',
    redirect_uris: ' https://a.example/cb\nhttps://b.example/cb ',
    openid_autodiscovery_url: `http://${HOST}/o/.well-known/openid-configuration`,
  };
  expect(readHookup(value({}, registration), 's').consent).toEqual({
    authorizeUrl: `http://${HOST}/9/oauth2/authorize/`,
    discoveryUrl: `http://${HOST}/o/.well-known/openid-configuration`,
    algorithm: 'RS256',
    redirectUris: ['https://a.example/cb', 'https://b.example/cb'],
  });
});

const code = { authorization_grant_type: 'authorization_code' };
it.each([
  ['another host than its tenant', value({ host: '127.0.0.1:8081' })],
  ['a tenant of another vendor', value({ tenantId: 'exact:qa:UK1' })],
  ['another practice', value({}, { provet_id: 10 })],
  ['another client', value({}, { client_id: 'd' })],
  ['a token address on another host', value({}, { token_url: 'http://127.0.0.1:8081/9/oauth2/token/' })],
  ['a token address with a user', value({}, { token_url: `http://u@${HOST}/9/oauth2/token/` })],
  ['a token address outside of its path', value({}, { token_url: `http://${HOST}/9/../10/oauth2/token/` })],
  [
    'a consent address on another host',
    value({}, { ...code, authorize_url: 'http://127.0.0.1:8081/9/oauth2/authorize/' }),
  ],
  [
    'a consent address outside of its path',
    value({}, { ...code, authorize_url: `http://${HOST}/10/oauth2/authorize/` }),
  ],
  [
    'a consent address without a browser behind it',
    value({}, { ...code, authorize_url: `ftp://${HOST}/9/authorize/` }),
  ],
  ['a token address by an encoded way up', value({}, { token_url: `http://${HOST}/9/..%2f10/oauth2/token/` })],
  ['a token address with backslashes', value({}, { token_url: `http://${HOST}/9\\..\\10\\` })],
  ['a consent address that is not used, but points elsewhere', value({}, { authorize_url: 'http://127.0.0.1:1/9/' })],
  ['a discovery address on another host', value({}, { ...code, openid_autodiscovery_url: 'http://127.0.0.1:8081/9/' })],
  ['a grant that nobody knows', value({}, { authorization_grant_type: 'password' })],
])('refuses %s', (_what, bad) => {
  expect(() => readHookup(bad, 's')).toThrow(HookupInconsistent);
});
