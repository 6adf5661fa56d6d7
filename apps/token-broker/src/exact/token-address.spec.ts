import { ScriptedHttp, type ScriptedAnswer } from '@relay/testing';
import { describe, expect, it } from 'vitest';
import { ExactTokenAddress } from './token-address.js';

const AUTHORITY = 'https://auth.exact.example';
const USUAL = `${AUTHORITY}/connect/token`;
const quiet = { debug: () => undefined };

function setUp(answers: readonly ScriptedAnswer[], options: { tokenUrl?: string; authorityUrl?: string } = {}) {
  let now = 1_000_000;
  const http = new ScriptedHttp((_, index) => answers[Math.min(index, answers.length - 1)] ?? {});
  const { tokenUrl = '', authorityUrl = AUTHORITY } = options;
  const send = (request: Parameters<ScriptedHttp['send']>[0]) => http.send(request);
  const address = new ExactTokenAddress({ tokenUrl, authorityUrl, send, log: quiet, now: () => now });
  return { http, address, pass: (ms: number) => void (now += ms) };
}
const names = (token_endpoint: unknown): ScriptedAnswer => ({ body: { issuer: AUTHORITY, token_endpoint } });

describe('the token address of EXACT', () => {
  it('is what the identity server names, asked for once a day', async () => {
    const { address, http, pass } = setUp([names(`${AUTHORITY}/oauth/t`), names(`${AUTHORITY}/oauth/u`)]);
    const all = await Promise.all([address.current(), address.current()]);
    expect(all).toEqual([`${AUTHORITY}/oauth/t`, `${AUTHORITY}/oauth/t`]);
    pass(23 * 3_600_000);
    expect(await address.current()).toBe(`${AUTHORITY}/oauth/t`);
    expect(http.asked).toEqual(['GET /.well-known/openid-configuration']);
    pass(3_600_001);
    expect(await address.current()).toBe(`${AUTHORITY}/oauth/u`);
  });

  it('is that of the configuration where there is one, without a question', async () => {
    const { address, http } = setUp([names(`${AUTHORITY}/oauth/t`)], { tokenUrl: 'https://own.example/t' });
    expect(await address.current()).toBe('https://own.example/t');
    expect(http.asked).toEqual([]);
  });

  it.each<[string, ScriptedAnswer]>([
    ['no answer', { fault: 'timeout' }],
    ['an error', { status: 404 }],
    ['a redirect', { status: 302, headers: { location: 'https://evil.example/' } }],
    ['no JSON', { body: '<html>' }],
    ['null', { body: 'null' }],
    ['no address', names(undefined)],
    ['another host', names('https://evil.example/connect/token')],
    ['a host that only begins alike', names('https://auth.exact.example.evil.example/connect/token')],
    ['another port', names('https://auth.exact.example:8443/connect/token')],
    ['plain http', names('http://auth.exact.example/connect/token')],
    ['a user in it', names('https://auth.exact.example:x@auth.exact.example/connect/token')],
    ['a path alone', names('/connect/token')],
  ])('is the usual one for %s, and asked for again after a while', async (_, answer) => {
    const { address, http, pass } = setUp([answer, names(`${AUTHORITY}/oauth/t`)]);
    expect(await address.current()).toBe(USUAL);
    expect(await address.current()).toBe(USUAL);
    expect(http.asked).toHaveLength(1);
    pass(15 * 60_000);
    expect(await address.current()).toBe(`${AUTHORITY}/oauth/t`);
  });

  it('stays the one that was found while the document is away', async () => {
    const { address, pass } = setUp([names(`${AUTHORITY}/oauth/t`), { fault: 'connect' }]);
    await address.current();
    pass(25 * 3_600_000);
    expect(await address.current()).toBe(`${AUTHORITY}/oauth/t`);
  });

  it('may be plain http where the identity server itself is, on this machine', async () => {
    const local = 'http://127.0.0.1:3101';
    const { address } = setUp([names(`${local}/oauth/t`)], { authorityUrl: local });
    expect(await address.current()).toBe(`${local}/oauth/t`);
  });
});
