import { createHash, randomBytes } from 'node:crypto';
import { until } from '@relay/testing';
import { AcceptGrant } from '../credentials/accept-grant.js';
import type { TestClient } from './broker-topics.js';
import { ConsentingBrowser } from './consenting-browser.js';
import type { OidcVendor } from './oidc-vendor.js';
import type { RunningBroker } from './running-broker.js';

const CALLBACK = 'http://127.0.0.1:9/oauth/callback';

/** What the vendor handed out for the code. */
export interface ConsentedPair {
  readonly access_token: string;
  readonly refresh_token: string;
  readonly expires_in: number;
}

/** A client that a person has consented to, at an authorization server that nobody here wrote. */
export class ConsentedClient {
  first: ConsentedPair;

  private constructor(
    private readonly vendor: OidcVendor,
    readonly client: TestClient,
  ) {}

  /** Registered at the broker, consented to, proven. */
  static async join(broker: RunningBroker, vendor: OidcVendor): Promise<ConsentedClient> {
    const { topics } = broker;
    const client = topics.newClient();
    vendor.addTenant(client.provetId, { ...client, redirectUri: CALLBACK });
    const made = new ConsentedClient(vendor, client);
    const issuer = vendor.issuerOf(client.provetId);
    await topics.register(client, {
      authorization_grant_type: 'authorization_code',
      token_url: `${issuer}/token`,
      authorize_url: `${issuer}/auth`,
    });
    await until('it waits for consent', () => {
      return topics.lastCredential(client.credentialId)?.health === 'awaiting-consent';
    });
    made.first = await made.consent();
    const { access_token: accessToken, refresh_token: refreshToken, expires_in: expiresIn } = made.first;
    const grant = { accessToken, refreshToken, expiresIn, scope: null, consentedBy: 'Ada' };
    await broker.get(AcceptGrant).accept(client.credentialId, grant);
    await topics.proven(client);
    return made;
  }

  spend(refreshToken: string): Promise<Response> {
    return this.tokenRequest({ grant_type: 'refresh_token', refresh_token: refreshToken });
  }

  /** Status of a read of the vendor's API. */
  async read(accessToken: string): Promise<number> {
    const url = `http://${this.vendor.host}/${this.client.provetId}/api/0.1/department/`;
    return (await fetch(url, { headers: { authorization: `Bearer ${accessToken}` } })).status;
  }

  /** What a person and the relay's consent pages do together. */
  private async consent(): Promise<ConsentedPair> {
    const verifier = randomBytes(32).toString('base64url');
    const ask = new URLSearchParams({
      response_type: 'code',
      client_id: this.client.clientId,
      redirect_uri: CALLBACK,
      scope: 'openid restapi',
      code_challenge: createHash('sha256').update(verifier).digest('base64url'),
      code_challenge_method: 'S256',
    });
    const start = `${this.vendor.issuerOf(this.client.provetId)}/auth?${ask.toString()}`;
    const back = await new ConsentingBrowser().consentAt(start, CALLBACK);
    const response = await this.tokenRequest({
      grant_type: 'authorization_code',
      code: new URL(back).searchParams.get('code') ?? '',
      redirect_uri: CALLBACK,
      code_verifier: verifier,
    });
    return (await response.json()) as ConsentedPair;
  }

  private tokenRequest(form: Record<string, string>): Promise<Response> {
    const { clientId, secret, provetId } = this.client;
    const authorization = `Basic ${Buffer.from(`${clientId}:${secret}`).toString('base64')}`;
    const url = `${this.vendor.issuerOf(provetId)}/token`;
    return fetch(url, { method: 'POST', headers: { authorization }, body: new URLSearchParams(form) });
  }
}
