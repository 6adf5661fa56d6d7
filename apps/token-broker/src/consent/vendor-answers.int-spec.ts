import { fileScope } from '@relay/testing';
import { beforeAll, describe, expect, it } from 'vitest';
import { ConsentWorld } from '../test-support/consent-world.js';
import { ConsentingBrowser } from '../test-support/consenting-browser.js';
import { newToken } from './consent-tokens.js';

const scope = fileScope();
let world: ConsentWorld;

beforeAll(async () => {
  world = await ConsentWorld.start(scope);
});

describe('an answer of the vendor', () => {
  it('counts once, in the browser that the visit began in', async () => {
    const made = await world.practice();
    const browser = new ConsentingBrowser();
    const back = await world.visit(browser, await world.invite(made));
    const thief = new ConsentingBrowser();
    expect(await world.pageAt(thief, back)).toMatchObject({ status: 403, title: 'Please stay in one browser' });
    expect((await world.pageAt(browser, back)).title).toBe('Your practice is being connected');
    expect(await world.pageAt(browser, back)).toMatchObject({ status: 400, title: 'This answer was already received' });
    const made_up = `${world.callbackUrl}?code=x&state=${newToken()}`;
    expect((await world.pageAt(browser, made_up)).title).toBe('This page cannot be opened by itself');
    expect((await world.pageAt(browser, `${world.callbackUrl}?state=a&state=b`)).status).toBe(400);
    expect((await world.pageAt(browser, world.callbackUrl)).status).toBe(400);
  });

  it('must name its issuer, and the right one', async () => {
    const made = await world.practice();
    const link = await world.invite(made);
    for (const change of [
      (url: URL) => url.searchParams.set('iss', 'http://evil.example/9/oauth2'),
      (url: URL) => url.searchParams.delete('iss'),
    ]) {
      const browser = new ConsentingBrowser();
      const back = new URL(await world.visit(browser, link));
      expect(back.searchParams.get('iss')).toBe(world.vendor.issuerOf(made.provetId));
      change(back);
      const before = world.vendor.paths.filter((path) => path.endsWith('/token')).length;
      expect((await world.pageAt(browser, back.href)).title).toBe('This answer could not be trusted');
      expect(world.vendor.paths.filter((path) => path.endsWith('/token')).length).toBe(before);
    }
  });

  it('is not waited for longer than ten minutes', async () => {
    const made = await world.practice();
    const browser = new ConsentingBrowser();
    const back = await world.visit(browser, await world.invite(made));
    const { rows } = await world.broker.sql.query('select expires_at from consent_state where tenant_id = $1', [
      made.tenantId,
    ]);
    const [visit] = rows as { expires_at: string }[];
    expect(Math.round((Number(visit?.expires_at) - Date.now()) / 60_000)).toBe(10);
    await world.broker.sql.query('update consent_state set expires_at = $2 where tenant_id = $1', [
      made.tenantId,
      Date.now() - 1,
    ]);
    expect((await world.pageAt(browser, back)).title).toBe('That took too long');
  });

  it('whose id token is not its own is worth nothing', async () => {
    const [made, other] = [await world.practice(), await world.practice({ algorithm: 'HS256' })];
    const link = await world.invite(made);
    const path = `/${made.provetId}/oauth2/token`;
    const claims = {
      iss: world.vendor.issuerOf(made.provetId),
      aud: made.clientId,
      sub: 'eve',
      nonce: 'x',
      iat: 1,
      exp: 9e9,
    };
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const unsigned = `${part({ alg: 'none' })}.${part(claims)}.`;
    for (const idToken of [unsigned, undefined]) {
      world.vendor.rewrites.set(path, ({ status, body }) => {
        return { status, body: JSON.stringify({ ...(JSON.parse(body) as object), id_token: idToken }) };
      });
      expect((await world.consent(link)).title).toBe('This answer could not be trusted');
    }
    world.vendor.rewrites.delete(path);
    expect(world.topics.lastCredential(made.credentialId)?.health).toBe('awaiting-consent');
    expect((await world.consent(link)).status).toBe(200);
    await world.topics.proven(made);
    expect(world.topics.lastCredential(other.credentialId)?.health).toBe('awaiting-consent');
  });

  it('that is an error is told in words, and the link works again once the vendor does', async () => {
    const made = await world.practice();
    const link = await world.invite(made);
    const token = `/${made.provetId}/oauth2/token`;
    world.vendor.rewrites.set(token, () => ({ status: 500, body: '<h1>planted-vendor-words</h1>' }));
    world.planted.push('planted-vendor-words');
    expect(await world.consent(link)).toMatchObject({ status: 503, title: 'Provet Cloud does not answer' });
    world.vendor.rewrites.set(token, () => ({ status: 400, body: '{"error":"invalid_grant"}' }));
    expect(await world.consent(link)).toMatchObject({
      status: 502,
      title: 'Provet Cloud did not complete the consent',
    });
    world.vendor.rewrites.delete(token);
    const discovery = `/${made.provetId}/oauth2/.well-known/openid-configuration`;
    world.vendor.rewrites.set(discovery, () => ({ status: 503, body: '' }));
    expect((await world.pageAt(new ConsentingBrowser(), link)).status).toBe(503);
    world.vendor.rewrites.delete(discovery);
    expect((await world.consent(link)).status).toBe(200);
    await world.topics.proven(made);
  });

  it('does not lead the relay anywhere else than to the tenant', async () => {
    const [made, other] = [await world.practice(), await world.practice()];
    const link = await world.invite(made);
    const discovery = `/${made.provetId}/oauth2/.well-known/openid-configuration`;
    for (const over of [
      { jwks_uri: `http://127.0.0.1:1/${made.provetId}/oauth2/jwks` },
      { jwks_uri: `${world.vendor.issuerOf(other.provetId)}/jwks` },
      { userinfo_endpoint: `http://user@${world.vendor.host}/${made.provetId}/oauth2/me` },
      { issuer: world.vendor.issuerOf(other.provetId) },
    ]) {
      world.vendor.rewrites.set(discovery, ({ status, body }) => {
        return { status, body: JSON.stringify({ ...(JSON.parse(body) as object), ...over }) };
      });
      expect((await world.pageAt(new ConsentingBrowser(), link)).title).toBe('This answer could not be trusted');
    }
    world.vendor.rewrites.delete(discovery);
  });
});

it('leaves no secret, invite, code, state or token in clear: not in the database, not in a topic, not in the log', async () => {
  expect(await world.placesInClear()).toEqual([]);
});
