import { createHash } from 'node:crypto';
import type { ConsentInvite, TenantValue } from '@relay/contracts';
import { controlMessage } from '@relay/kafka';
import { Health, Log, Metrics, buildApp, readConfig } from '@relay/service-kit';
import {
  fileScope,
  freePort,
  keyring,
  provetTenant,
  relayEnvironment,
  testDatabase,
  testKafka,
  until,
} from '@relay/testing';
import { Client } from 'pg';
import { beforeAll, describe, expect, it } from 'vitest';
import { BrokerTopics, type TestClient } from '../test-support/broker-topics.js';
import { ConsentingBrowser } from '../test-support/consenting-browser.js';
import { OidcVendor, type OidcClient } from '../test-support/oidc-vendor.js';
import { tokenBroker } from '../token-broker.js';
import { newToken } from './consent-tokens.js';

const scope = fileScope();
const keys = keyring();
const logLines: string[] = [];
/** Everything that must be found nowhere afterwards. */
const planted: string[] = [];
let vendor: OidcVendor;
let topics: BrokerTopics;
let sql: Client;
let publicUrl = '';
let callbackUrl = '';
let version = Date.now();
let nextId = 500;

beforeAll(async () => {
  const kafka = await testKafka(scope);
  const { url } = await testDatabase(scope, 'token-broker');
  vendor = await OidcVendor.start(scope);
  const port = await freePort();
  publicUrl = `http://127.0.0.1:${port}`;
  callbackUrl = `${publicUrl}/oauth/callback`;
  const parts = { kafka, databaseUrl: url, keyring: keys, publicUrl, provetHost: vendor.host };
  topics = await BrokerTopics.open(scope, kafka.settings, { host: vendor.host, clients: new Map() }, keys);
  const config = readConfig(tokenBroker.settings, {
    env: relayEnvironment(parts),
    defaults: { managementPort: 0 },
  });
  const log = Log.create({ service: 'token-broker', level: 'debug', format: 'json', write: (l) => logLines.push(l) });
  const health = new Health();
  const app = await buildApp(tokenBroker, config, { config, log, health, metrics: new Metrics() });
  scope.onTestFinished(() => app.close());
  await app.startAllMicroservices();
  await app.listen(port, '127.0.0.1');
  await until('the broker is ready', async () => (await health.ready()).status === 'up', { timeoutMs: 30_000 });
  sql = new Client({ connectionString: url, options: '-c search_path=token_broker' });
  sql.on('error', () => undefined);
  await sql.connect();
  scope.onTestFinished(() => sql.end());
});

interface Practice extends TestClient {
  readonly oidc: OidcClient;
}

/** A practice that has added the integration: known to the vendor, registered here, waiting for consent. */
async function practice(
  over: Partial<OidcClient> & { readonly openid?: boolean; readonly redirect_uris?: string } = {},
  provider: Readonly<Record<string, unknown>> = {},
): Promise<Practice> {
  const { openid = true, redirect_uris = `https://other.example/cb ${callbackUrl}`, ...client } = over;
  const provetId = (nextId += 1);
  const secret = `planted-client-secret-${provetId}-of-forty-letters`;
  planted.push(secret);
  const oidc = { clientId: `client ${provetId}`, secret, redirectUri: callbackUrl, ...client };
  vendor.addTenant(provetId, oidc, provider);
  const tenantId = `provet:${vendor.host}:${provetId}`;
  const credentialId = `${tenantId}/${oidc.clientId}`;
  const made = { provetId, clientId: oidc.clientId, secret, tenantId, credentialId, oidc };
  await register(made, { openid, redirect_uris });
  await until('it waits for consent', () => topics.lastCredential(credentialId)?.health === 'awaiting-consent');
  return made;
}

function register(made: Practice, { openid = true, redirect_uris = callbackUrl } = {}): Promise<void> {
  const issuer = vendor.issuerOf(made.provetId);
  return topics.register(made, {
    client_secret: made.oidc.secret,
    client_type: made.oidc.secret === null ? 'public' : 'confidential',
    algorithm: made.oidc.algorithm ?? 'RS256',
    authorization_grant_type: 'authorization-code',
    redirect_uris,
    authorize_url: `${issuer}/auth`,
    token_url: `${issuer}/token`,
    openid_autodiscovery_url: openid ? `${issuer}/.well-known/openid-configuration` : null,
  });
}

async function publish({ tenantId, provetId }: Practice, over: Partial<TenantValue>): Promise<void> {
  const host = vendor.host;
  const value = provetTenant({ host, provetId, state: 'awaiting-consent', version: (version += 1), ...over });
  await topics.kafka
    .producer('control')
    .send(controlMessage(4, 'tenant.v1', tenantId, tenantId, { ...value, tenantId }));
}

/** What the registry does for `POST /tenants/{id}/consent-link`. Gives the link. */
async function invite(made: Practice, over: Partial<ConsentInvite> = {}): Promise<string> {
  const token = newToken();
  planted.push(token);
  const sha256 = createHash('sha256').update(token).digest('hex');
  const expiresAt = new Date(Date.now() + 60_000).toISOString();
  await publish(made, { invites: [{ sha256, expiresAt, replaceWorkingGrant: false, ...over }] });
  return `${publicUrl}/oauth/provet/${encodeURIComponent(made.tenantId)}/authorize?invite=${token}`;
}

interface Page {
  readonly status: number;
  readonly title: string | undefined;
  readonly url: string;
}

/** Follows the relay's own redirects, and reads the page that they end at. */
async function pageAt(browser: ConsentingBrowser, url: string): Promise<Page> {
  const response = await browser.open(url);
  for (const [name, value] of [
    ['cache-control', 'no-store'],
    ['referrer-policy', 'no-referrer'],
  ] as const) {
    expect(response.headers.get(name)).toBe(value);
  }
  expect(response.headers.get('content-security-policy')).toContain("default-src 'none'");
  const location = response.headers.get('location');
  if (location?.startsWith(publicUrl)) return pageAt(browser, location);
  const title = /<h1>([^<]*)<\/h1>/.exec(await response.text())?.[1];
  return { status: response.status, title, url };
}

async function goToVendor(browser: ConsentingBrowser, link: string): Promise<string> {
  const response = await browser.open(link);
  expect(response.status).toBe(302);
  return response.headers.get('location') ?? '';
}

/** The whole way: link, vendor, back. */
async function consent(
  link: string,
  options: { refuses?: boolean } = {},
  browser = new ConsentingBrowser(),
): Promise<Page> {
  const back = await browser.consentAt(await goToVendor(browser, link), callbackUrl, options);
  planted.push(new URL(back).searchParams.get('code') ?? 'planted-nothing');
  return pageAt(browser, back);
}

describe('a consent', () => {
  it('with OpenID makes a proven credential, and says who gave it', async () => {
    const made = await practice();
    const link = await invite(made);
    const browser = new ConsentingBrowser();
    const there = new URL(await goToVendor(browser, link));
    expect(Object.fromEntries(there.searchParams)).toMatchObject({
      client_id: made.clientId,
      response_type: 'code',
      redirect_uri: callbackUrl,
      scope: 'openid restapi',
      code_challenge_method: 'S256',
      code_challenge: expect.stringMatching(/^[\w-]{43}$/) as string,
      state: expect.stringMatching(/^[\w-]{43}$/) as string,
      nonce: expect.stringMatching(/^[\w-]{43}$/) as string,
    });
    expect(there.href).not.toContain(new URL(link).searchParams.get('invite'));
    const page = await consent(link, {}, browser);
    expect(page).toEqual({
      status: 200,
      title: 'Your practice is being connected',
      url: `${callbackUrl}?outcome=connected`,
    });
    const token = await topics.proven(made);
    planted.push(await topics.openToken(made, token));
    expect(topics.lastCredential(made.credentialId)).toMatchObject({ consentedBy: 'Ada Manager' });
    expect(await pageAt(new ConsentingBrowser(), link)).toMatchObject({
      status: 410,
      title: 'This link has been used',
    });
  });

  it('of a public client, without OpenID, works by PKCE alone; nobody is named', async () => {
    const made = await practice({ secret: null, openid: false });
    const link = await invite(made);
    expect(new URL(await goToVendor(new ConsentingBrowser(), link)).searchParams.get('scope')).toBe('restapi');
    expect((await consent(link)).status).toBe(200);
    await topics.proven(made);
    expect(topics.lastCredential(made.credentialId)?.consentedBy ?? null).toBeNull();
  });

  it('has its id token signed with the secret where the registration says HS256', async () => {
    const made = await practice({ algorithm: 'HS256' });
    expect((await consent(await invite(made))).title).toBe('Your practice is being connected');
    await topics.proven(made);
    expect(topics.lastCredential(made.credentialId)?.consentedBy).toBe('Ada Manager');
  });

  it('that is declined changes nothing, and the link works on', async () => {
    const made = await practice();
    const link = await invite(made);
    expect((await consent(link, { refuses: true })).title).toBe('Nothing was connected');
    expect(topics.lastCredential(made.credentialId)?.health).toBe('awaiting-consent');
    expect((await consent(link)).status).toBe(200);
    await topics.proven(made);
  });

  it('replaces one that works only if the invitation says so', async () => {
    const made = await practice();
    await consent(await invite(made));
    const first = await topics.proven(made);
    const again = await invite(made);
    expect(await pageAt(new ConsentingBrowser(), again)).toMatchObject({
      status: 409,
      title: 'Your practice is already connected',
    });
    const replacing = await invite(made, { replaceWorkingGrant: true });
    expect((await consent(replacing)).status).toBe(200);
    await until('another token', () => (topics.lastToken(made)?.version ?? 0) > first.version);
  });

  it('is not asked for where the vendor could not send the person back', async () => {
    const made = await practice({ redirect_uris: 'https://other.example/cb' });
    expect(await pageAt(new ConsentingBrowser(), await invite(made))).toMatchObject({
      status: 409,
      title: 'The integration is not set up completely',
    });
  });
});

describe('an invitation', () => {
  it('is good for its own tenant, until its end, and as long as it is published', async () => {
    const [made, other] = [await practice(), await practice()];
    const link = await invite(made);
    const stranger = new ConsentingBrowser();
    const elsewhere = link.replace(encodeURIComponent(made.tenantId), encodeURIComponent(other.tenantId));
    expect(await pageAt(stranger, elsewhere)).toMatchObject({ status: 404, title: 'This link is not known' });
    expect((await pageAt(stranger, `${publicUrl}/oauth/provet/x/authorize?invite=${newToken()}`)).status).toBe(404);
    expect(await pageAt(stranger, link.replace(/invite=.*/, 'invite=..%2F')).then((page) => page.status)).toBe(404);
    const expired = await invite(made, { expiresAt: new Date(Date.now() - 1000).toISOString() });
    expect(await pageAt(stranger, expired)).toMatchObject({ status: 410, title: 'This link has expired' });
    expect((await pageAt(stranger, link)).status).toBe(404);
  });

  it('is used up by one of two visits that come back with it', async () => {
    const made = await practice();
    const link = await invite(made);
    const [one, two] = [new ConsentingBrowser(), new ConsentingBrowser()];
    const first = await one.consentAt(await goToVendor(one, link), callbackUrl);
    const second = await two.consentAt(await goToVendor(two, link), callbackUrl);
    expect((await pageAt(one, first)).status).toBe(200);
    expect(await pageAt(two, second)).toMatchObject({ status: 410, title: 'This link has been used' });
    await topics.proven(made);
  });

  it('of a tenant that was withdrawn leads nowhere, also for who is at the vendor already', async () => {
    const made = await practice();
    const link = await invite(made);
    const browser = new ConsentingBrowser();
    const back = await browser.consentAt(await goToVendor(browser, link), callbackUrl);
    await publish(made, { state: 'withdrawn', changedAt: new Date().toISOString() });
    await until('the invitation is gone', async () => {
      const { rowCount } = await sql.query('select from consent_invite where tenant_id = $1', [made.tenantId]);
      return rowCount === 0;
    });
    expect((await pageAt(browser, back)).status).toBe(404);
    expect((await pageAt(browser, link)).status).toBe(404);
  });
});

describe('an answer of the vendor', () => {
  it('counts once, in the browser that the visit began in', async () => {
    const made = await practice();
    const browser = new ConsentingBrowser();
    const back = await browser.consentAt(await goToVendor(browser, await invite(made)), callbackUrl);
    const thief = new ConsentingBrowser();
    expect(await pageAt(thief, back)).toMatchObject({ status: 403, title: 'Please stay in one browser' });
    expect((await pageAt(browser, back)).title).toBe('Your practice is being connected');
    expect(await pageAt(browser, back)).toMatchObject({ status: 400, title: 'This answer was already received' });
    const made_up = `${callbackUrl}?code=x&state=${newToken()}`;
    expect((await pageAt(browser, made_up)).title).toBe('This page cannot be opened by itself');
    expect((await pageAt(browser, `${callbackUrl}?state=a&state=b`)).status).toBe(400);
    expect((await pageAt(browser, callbackUrl)).status).toBe(400);
  });

  it('must name its issuer, and the right one', async () => {
    const made = await practice();
    const link = await invite(made);
    for (const change of [
      (url: URL) => url.searchParams.set('iss', 'http://evil.example/9/oauth2'),
      (url: URL) => url.searchParams.delete('iss'),
    ]) {
      const browser = new ConsentingBrowser();
      const back = new URL(await browser.consentAt(await goToVendor(browser, link), callbackUrl));
      expect(back.searchParams.get('iss')).toBe(vendor.issuerOf(made.provetId));
      change(back);
      const before = vendor.paths.filter((path) => path.endsWith('/token')).length;
      expect((await pageAt(browser, back.href)).title).toBe('This answer could not be trusted');
      expect(vendor.paths.filter((path) => path.endsWith('/token')).length).toBe(before);
    }
  });

  it('is not waited for longer than ten minutes', async () => {
    const made = await practice();
    const browser = new ConsentingBrowser();
    const back = await browser.consentAt(await goToVendor(browser, await invite(made)), callbackUrl);
    const { rows } = await sql.query('select expires_at from consent_state where tenant_id = $1', [made.tenantId]);
    const [visit] = rows as { expires_at: string }[];
    expect(Math.round((Number(visit?.expires_at) - Date.now()) / 60_000)).toBe(10);
    await sql.query('update consent_state set expires_at = $2 where tenant_id = $1', [made.tenantId, Date.now() - 1]);
    expect((await pageAt(browser, back)).title).toBe('That took too long');
  });

  it('whose id token is not its own is worth nothing', async () => {
    const [made, other] = [await practice(), await practice({ algorithm: 'HS256' })];
    const link = await invite(made);
    const path = `/${made.provetId}/oauth2/token`;
    const claims = {
      iss: vendor.issuerOf(made.provetId),
      aud: made.clientId,
      sub: 'eve',
      nonce: 'x',
      iat: 1,
      exp: 9e9,
    };
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const unsigned = `${part({ alg: 'none' })}.${part(claims)}.`;
    for (const idToken of [unsigned, undefined]) {
      vendor.rewrites.set(path, ({ status, body }) => {
        return { status, body: JSON.stringify({ ...(JSON.parse(body) as object), id_token: idToken }) };
      });
      expect((await consent(link)).title).toBe('This answer could not be trusted');
    }
    vendor.rewrites.delete(path);
    expect(topics.lastCredential(made.credentialId)?.health).toBe('awaiting-consent');
    expect((await consent(link)).status).toBe(200);
    await topics.proven(made);
    expect(topics.lastCredential(other.credentialId)?.health).toBe('awaiting-consent');
  });

  it('that is an error is told in words, and the link works again once the vendor does', async () => {
    const made = await practice();
    const link = await invite(made);
    const token = `/${made.provetId}/oauth2/token`;
    vendor.rewrites.set(token, () => ({ status: 500, body: '<h1>planted-vendor-words</h1>' }));
    planted.push('planted-vendor-words');
    expect(await consent(link)).toMatchObject({ status: 503, title: 'Provet Cloud does not answer' });
    vendor.rewrites.set(token, () => ({ status: 400, body: '{"error":"invalid_grant"}' }));
    expect(await consent(link)).toMatchObject({ status: 502, title: 'Provet Cloud did not complete the consent' });
    vendor.rewrites.delete(token);
    const discovery = `/${made.provetId}/oauth2/.well-known/openid-configuration`;
    vendor.rewrites.set(discovery, () => ({ status: 503, body: '' }));
    expect((await pageAt(new ConsentingBrowser(), link)).status).toBe(503);
    vendor.rewrites.delete(discovery);
    expect((await consent(link)).status).toBe(200);
    await topics.proven(made);
  });

  it('does not lead the relay anywhere else than to the tenant', async () => {
    const [made, other] = [await practice(), await practice()];
    const link = await invite(made);
    const discovery = `/${made.provetId}/oauth2/.well-known/openid-configuration`;
    for (const over of [
      { jwks_uri: `http://127.0.0.1:1/${made.provetId}/oauth2/jwks` },
      { jwks_uri: `${vendor.issuerOf(other.provetId)}/jwks` },
      { userinfo_endpoint: `http://user@${vendor.host}/${made.provetId}/oauth2/me` },
      { issuer: vendor.issuerOf(other.provetId) },
    ]) {
      vendor.rewrites.set(discovery, ({ status, body }) => {
        return { status, body: JSON.stringify({ ...(JSON.parse(body) as object), ...over }) };
      });
      expect((await pageAt(new ConsentingBrowser(), link)).title).toBe('This answer could not be trusted');
    }
    vendor.rewrites.delete(discovery);
  });
});

describe('everywhere', () => {
  it('no secret, invite, code, state or token is in clear: not in the database, not in a topic, not in the log', async () => {
    const { rows: tables } = await sql.query(
      `select table_name from information_schema.tables where table_schema = 'token_broker'`,
    );
    const published = [...topics.credentials, ...topics.tokens, topics.audits];
    const texts = [logLines.join(''), JSON.stringify(published)];
    for (const { table_name } of tables as { table_name: string }[]) {
      const { rows } = await sql.query(
        `select coalesce(string_agg(t::text, ' '), '') as all_text from ${table_name} t`,
      );
      texts.push((rows as { all_text: string }[])[0]?.all_text ?? '');
    }
    expect(planted.length).toBeGreaterThan(20);
    for (const secret of planted) for (const text of texts) expect(text.includes(secret)).toBe(false);
    const { rows: open } = await sql.query(
      'select from consent_state where used_at is not null and secrets is not null',
    );
    expect(open).toEqual([]);
  });
});
