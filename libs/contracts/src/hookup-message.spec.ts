import { describe, expect, it } from 'vitest';
import { HOOKUP_MEMBERS, hookupValueOf, readHookupMessage } from './hookup-message.js';
import { hookupValue } from './values.js';

const HOST = '127.0.0.1:8080';
const rules = { allowHttp: true, hostAllowed: (host: string) => host === HOST || host === 'provetcloud.com' };
const message = (over: Record<string, unknown> = {}) => ({
  provet_id: 9,
  client_id: 'client-9',
  client_secret: 'secret-9',
  algorithm: 'RS256',
  authorization_grant_type: 'client_credentials',
  client_type: 'confidential',
  redirect_uris: '',
  token_url: `http://${HOST}/9/oauth2/token/`,
  authorize_url: `http://${HOST}/9/oauth2/authorize/`,
  openid_autodiscovery_url: null,
  ...over,
});
const members = (body: unknown, with_ = rules) => {
  const verdict = readHookupMessage(body, with_);
  return verdict.kind === 'accepted' ? [verdict.kind] : [verdict.kind, ...verdict.errors.map((e) => e.member)];
};

describe('a registration message', () => {
  it('is accepted and keeps members nobody knows, but not its secret', () => {
    const verdict = readHookupMessage(message({ future: { a: 1 } }), rules);
    expect(verdict).toMatchObject({
      kind: 'accepted',
      hookup: {
        tenantId: `provet:${HOST}:9`,
        credentialId: `provet:${HOST}:9/client-9`,
        scheme: 'http',
        clientSecret: 'secret-9',
        grant: 'client_credentials',
        registration: { future: { a: 1 } },
      },
    });
    if (verdict.kind !== 'accepted') return;
    expect(JSON.stringify(verdict.hookup.registration)).not.toContain('secret-9');
    const value = hookupValueOf(verdict.hookup, 'sealed', 'hookup', new Date(0));
    expect(hookupValue.parse(JSON.parse(JSON.stringify(value)))).toMatchObject({
      registration: { client_secret: 'sealed', future: { a: 1 } },
    });
  });

  it.each(['client-credentials', 'client_credentials', 'authorization-code', 'authorization_code'])(
    'takes the grant spelling %s',
    (spelling) => {
      expect(members(message({ authorization_grant_type: spelling }))).toEqual(['accepted']);
    },
  );

  it.each(HOOKUP_MEMBERS)('names %s when it is missing, and when it has the wrong type', (member) => {
    const { [member]: _left, ...rest } = message() as Record<string, unknown>;
    expect(members(rest)).toEqual(['invalid', member]);
    expect(members(message({ [member]: [1] }))).toEqual(['invalid', member]);
  });

  it('names every bad member at once, in the order of the vendor', () => {
    expect(members(message({ redirect_uris: null, provet_id: '9', token_url: 'nope' }))).toEqual([
      'invalid',
      'provet_id',
      'redirect_uris',
      'token_url',
    ]);
  });

  it.each(['client_secret', 'algorithm', 'openid_autodiscovery_url'])('takes null for %s', (member) => {
    expect(members(message({ [member]: null }))).toEqual(['accepted']);
  });

  it.each([0, -1, 1.5, '9', null, 2 ** 60])('refuses %s as provet_id', (provetId) => {
    expect(members(message({ provet_id: provetId }))[0]).toBe('invalid');
  });

  it.each([null, [], 'text', 7])('refuses %j as a whole', (body) => {
    expect(members(body)[0]).toBe('invalid');
  });

  it('takes any characters in a client id, up to 512, but for those that cannot be stored', () => {
    expect(members(message({ client_id: `a/b:c#d e'"\n${'é'.repeat(500)}` }))).toEqual(['accepted']);
    expect(members(message({ client_id: 'x'.repeat(513) }))).toEqual(['invalid', 'client_id']);
    expect(members(message({ client_id: 'a\u0000b' }))).toEqual(['invalid', 'client_id']);
    expect(members(message({ client_id: '\ud800' }))).toEqual(['invalid', 'client_id']);
  });

  it('is not confused by members that would change an object', () => {
    const body = JSON.parse(
      `{"__proto__":{"provet_id":1},"constructor":1,${JSON.stringify(message()).slice(1)}`,
    ) as unknown;
    expect(members(body)).toEqual(['accepted']);
    expect(members(JSON.parse('{"__proto__":{"provet_id":1}}'))).toContain('provet_id');
  });
});

describe('its URLs', () => {
  const url = (value: string) => members(message({ token_url: value }));

  it.each([
    'file:///etc/passwd',
    `http://user@${HOST}/9/oauth2/token/`,
    `http://@${HOST}/9/oauth2/token/`,
    `http://${HOST}@evil.example/9/oauth2/token/`,
    `http://${HOST}.evil.example/9/oauth2/token/`,
    `http://${HOST}/10/oauth2/token/`,
    `http://${HOST}/9/../10/oauth2/token/`,
    `http://${HOST}/9/%2e%2e/10/oauth2/token/`,
    `http://${HOST}/9/..%2f10/oauth2/token/`,
    `http://${HOST}/9\\..\\10/`,
    ` http://${HOST}/9/oauth2/token/`,
    `http://${HOST}/9/oauth2/token/#x`,
    '/9/oauth2/token/',
  ])('refuse %s as malformed', (value) => {
    expect(url(value)).toEqual(['invalid', 'token_url']);
  });

  it.each([
    'http://evil.example/9/oauth2/token/',
    'http://169.254.169.254/9/oauth2/token/',
    `https://${HOST}.evil.example/9/`.replace(':8080', ''),
    'http://127.0.0.1/9/oauth2/token/',
  ])('refuse %s for its host', (value) => {
    expect(url(value)[0]).toBe('forbidden-host');
    expect(url(value)).toContain('token_url');
  });

  it('must all name one host, the discovery address too', () => {
    const other = 'https://provetcloud.com/9/x/';
    for (const member of ['token_url', 'authorize_url', 'openid_autodiscovery_url']) {
      expect(members(message({ [member]: other }))[0]).toBe('forbidden-host');
    }
    expect(members(message({ openid_autodiscovery_url: `http://${HOST}/o/.well-known/openid-configuration` }))).toEqual(
      ['accepted'],
    );
  });

  it('need https unless http is allowed', () => {
    expect(members(message(), { ...rules, allowHttp: false })).toEqual(['invalid', 'token_url', 'authorize_url']);
  });

  it('keep an upper-case host and the default port out of the tenant id', () => {
    const base = 'https://ProvetCloud.com:443/9';
    const verdict = readHookupMessage(message({ token_url: `${base}/t/`, authorize_url: `${base}/a/` }), rules);
    expect(verdict).toMatchObject({
      kind: 'accepted',
      hookup: { tenantId: 'provet:provetcloud.com:9', scheme: 'https' },
    });
  });
});
