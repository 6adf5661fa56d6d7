import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import type { ConsentInvite, TenantValue } from '@relay/contracts';
import { controlMessage } from '@relay/kafka';
import { freePort, keyring, provetTenant, until, type TestScope } from '@relay/testing';
import { newToken } from '../consent/consent-tokens.js';
import type { TestClient } from './broker-topics.js';
import { ConsentingBrowser } from './consenting-browser.js';
import { OidcVendor, type OidcClient } from './oidc-vendor.js';
import { startBroker, type RunningBroker } from './running-broker.js';

export interface Practice extends TestClient {
  readonly oidc: OidcClient;
}

export interface Page {
  readonly status: number;
  readonly title: string | undefined;
  readonly url: string;
}

/** A broker with its consent pages, practices at a real OpenID provider, and people who go there and back. */
export class ConsentWorld {
  /** Everything that must be found nowhere afterwards. */
  readonly planted: string[] = [];
  readonly callbackUrl: string;
  private version = Date.now();
  private nextId = 500;

  private constructor(
    readonly vendor: OidcVendor,
    readonly broker: RunningBroker,
    readonly publicUrl: string,
  ) {
    this.callbackUrl = `${publicUrl}/oauth/callback`;
  }

  static async start(scope: TestScope): Promise<ConsentWorld> {
    const vendor = await OidcVendor.start(scope);
    const port = await freePort();
    const publicUrl = `http://127.0.0.1:${port}`;
    const known = { host: vendor.host, clients: new Map() };
    const broker = await startBroker(scope, known, keyring(), { PUBLIC_URL: publicUrl });
    await broker.listen(port);
    return new ConsentWorld(vendor, broker, publicUrl);
  }

  get topics(): RunningBroker['topics'] {
    return this.broker.topics;
  }

  /** A practice that has added the integration: known to the vendor, registered here, waiting for consent. */
  async practice(
    over: Partial<OidcClient> & { readonly openid?: boolean; readonly redirect_uris?: string } = {},
  ): Promise<Practice> {
    const { openid = true, redirect_uris = `https://other.example/cb ${this.callbackUrl}`, ...client } = over;
    const provetId = (this.nextId += 1);
    const secret = `planted-client-secret-${provetId}-of-forty-letters`;
    this.planted.push(secret);
    const oidc = { clientId: `client ${provetId}`, secret, redirectUri: this.callbackUrl, ...client };
    this.vendor.addTenant(provetId, oidc, {});
    const tenantId = `provet:${this.vendor.host}:${provetId}`;
    const credentialId = `${tenantId}/${oidc.clientId}`;
    const made = { provetId, clientId: oidc.clientId, secret, tenantId, credentialId, oidc };
    await this.register(made, openid, redirect_uris);
    await until('it waits for consent', () => this.topics.lastCredential(credentialId)?.health === 'awaiting-consent');
    return made;
  }

  private register(made: Practice, openid: boolean, redirectUris: string): Promise<void> {
    const issuer = this.vendor.issuerOf(made.provetId);
    return this.topics.register(made, {
      client_secret: made.oidc.secret,
      client_type: made.oidc.secret === null ? 'public' : 'confidential',
      algorithm: made.oidc.algorithm ?? 'RS256',
      authorization_grant_type: 'authorization-code',
      redirect_uris: redirectUris,
      authorize_url: `${issuer}/auth`,
      token_url: `${issuer}/token`,
      openid_autodiscovery_url: openid ? `${issuer}/.well-known/openid-configuration` : null,
    });
  }

  /** As the registry says it. */
  async publish({ tenantId, provetId }: Practice, over: Partial<TenantValue>): Promise<void> {
    const { host } = this.vendor;
    const version = (this.version += 1);
    const value = { ...provetTenant({ host, provetId, state: 'awaiting-consent', version, ...over }), tenantId };
    const { kafka } = this.topics;
    await kafka.producer('control').send(controlMessage(kafka.partitions, 'tenant.v1', tenantId, tenantId, value));
  }

  /** What the registry does for `POST /tenants/{id}/consent-link`. Gives the link. */
  async invite(made: Practice, over: Partial<ConsentInvite> = {}): Promise<string> {
    const token = newToken();
    this.planted.push(token);
    const sha256 = createHash('sha256').update(token).digest('hex');
    const expiresAt = new Date(Date.now() + 60_000).toISOString();
    await this.publish(made, { invites: [{ sha256, expiresAt, replaceWorkingGrant: false, ...over }] });
    return `${this.publicUrl}/oauth/provet/${encodeURIComponent(made.tenantId)}/authorize?invite=${token}`;
  }

  /** Follows the relay's own redirects, and reads the page that they end at. */
  async pageAt(browser: ConsentingBrowser, url: string): Promise<Page> {
    const response = await browser.open(url);
    for (const [name, value] of [
      ['cache-control', 'no-store'],
      ['referrer-policy', 'no-referrer'],
    ] as const) {
      assert.equal(response.headers.get(name), value);
    }
    assert.match(response.headers.get('content-security-policy') ?? '', /default-src 'none'/);
    const location = response.headers.get('location');
    if (location?.startsWith(this.publicUrl)) return this.pageAt(browser, location);
    const title = /<h1>([^<]*)<\/h1>/.exec(await response.text())?.[1];
    return { status: response.status, title, url };
  }

  /** Gives the address at the vendor that the link leads to. */
  async goToVendor(browser: ConsentingBrowser, link: string): Promise<string> {
    const response = await browser.open(link);
    assert.equal(response.status, 302);
    return response.headers.get('location') ?? '';
  }

  /** A visit up to the vendor's answer: the address here that the vendor sends the browser back to. */
  async visit(browser: ConsentingBrowser, link: string, options: { refuses?: boolean } = {}): Promise<string> {
    return browser.consentAt(await this.goToVendor(browser, link), this.callbackUrl, options);
  }

  /** The whole way: link, vendor, back. */
  async consent(link: string, options: { refuses?: boolean } = {}, browser = new ConsentingBrowser()): Promise<Page> {
    const back = await this.visit(browser, link, options);
    this.planted.push(new URL(back).searchParams.get('code') ?? 'planted-nothing');
    return this.pageAt(browser, back);
  }

  /** Where a secret stands in clear; also the visits, if one that is over has kept its own. */
  async placesInClear(): Promise<string[]> {
    assert.ok(this.planted.length > 10, 'too little was planted');
    const kept = await this.broker.sql.query(
      'select from consent_state where used_at is not null and secrets is not null',
    );
    const places = await this.broker.placesOf(this.planted);
    return kept.rows.length === 0 ? places : [...places, 'visits that are over'];
  }
}
