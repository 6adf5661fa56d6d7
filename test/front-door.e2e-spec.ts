import { fileScope } from '@relay/testing';
import { beforeAll, describe, expect, it } from 'vitest';
import { RelayStack } from './support/relay-stack.js';

const scope = fileScope();

describe('the front door', () => {
  let relay: RelayStack;
  let hookup: Record<string, unknown>;

  beforeAll(async () => {
    relay = await RelayStack.start(scope, { services: ['gateway'] });
    relay.simulator.provet.addTenant({ id: 9, records: 1 });
    hookup = { ...relay.simulator.provet.hookup(9) };
  });

  async function refused(response: Promise<Response>, status: number): Promise<string> {
    const answer = await response;
    const text = await answer.text();
    expect([answer.status, answer.headers.get('content-type')], text).toEqual([
      status,
      expect.stringMatching(/^application\/problem\+json/),
    ]);
    expect(text).not.toMatch(/at .*\.(js|ts):\d/);
    return text;
  }

  it('answers 404 to a wrong secret before it looks at anything else', async () => {
    await refused(relay.hookup('{broken', 'x'.repeat(48), 'text/csv'), 404);
  });

  it('answers 415, 413 and 400 in that order', async () => {
    await refused(relay.hookup('x'.repeat(70_000), undefined, 'text/csv'), 415);
    await refused(relay.hookup('x'.repeat(70_000)), 413);
    await refused(relay.hookup('{broken'), 400);
  });

  it('names every bad member at once', async () => {
    const text = await refused(
      relay.hookup({ ...hookup, provet_id: '9', client_type: 'odd', redirect_uris: null }),
      400,
    );
    for (const member of ['provet_id', 'client_type', 'redirect_uris']) expect(text).toContain(member);
    for (const member of Object.keys(hookup)) {
      const { [member]: _left, ...rest } = hookup;
      expect(await refused(relay.hookup(rest), 400)).toContain(member);
    }
  });

  it.each(['token_url', 'authorize_url', 'openid_autodiscovery_url'])('answers 403 to a forged %s', async (member) => {
    const forged = `http://evil.example/9/oauth2/token/`;
    await refused(relay.hookup({ ...hookup, [member]: forged }), 403);
  });

  it.each([
    ['another scheme', 'file:///etc/passwd', [400, 403]],
    ['user info', 'http://HOST@evil.example/9/oauth2/token/', [400, 403]],
    ['a host that begins alike', 'http://HOST.evil.example/9/oauth2/token/', [400, 403]],
    ["another tenant's path", 'http://HOST/10/oauth2/token/', [400]],
    ['a link-local address', 'http://169.254.169.254/9/oauth2/token/', [403]],
  ])('refuses %s', async (_name, url, allowed) => {
    const answer = await relay.hookup({ ...hookup, token_url: url.replace('HOST', relay.simulator.host) });
    expect(allowed).toContain(answer.status);
  });

  it('checks the key of a webhook before its body, and for its trigger only', async () => {
    const url = relay.hookUrl(9, 1);
    const post = (to: string, body = 'client_id=1') =>
      fetch(to, { method: 'POST', body, headers: { 'content-type': 'application/x-www-form-urlencoded' } });
    await refused(
      post(
        url.replace(/.$/, (last) => (last === 'A' ? 'B' : 'A')),
        'x'.repeat(20_000),
      ),
      404,
    );
    await refused(post(url.replace('/9/1/', '/9/2/')), 404);
    await refused(post(url.replace('/9/1/', '/92/1/')), 404);
    await refused(post(url, `client_id=1&x=${'y'.repeat(17_000)}`), 413);
    await refused(post(url, 'a_id=1&b_id=2'), 400);
    await refused(post(url, 'client_id=../../etc'), 400);
    const taken = await post(url);
    expect([taken.status, await taken.text()]).toEqual([200, '']);
  });

  it('answers 405 with Allow to another method, and 404 to an unknown path', async () => {
    const other = await fetch(`${relay.gatewayUrl}/hookup/provet/${relay.keys.HOOKUP_SECRET}`);
    expect([other.status, other.headers.get('allow')]).toEqual([405, 'POST']);
    await refused(fetch(`${relay.gatewayUrl}/nope`), 404);
  });

  it('calls nobody', () => {
    expect(relay.simulator.provet.requests.count(/./)).toBe(0);
  });
});
