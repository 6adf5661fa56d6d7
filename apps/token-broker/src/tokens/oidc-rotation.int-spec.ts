import { createHash, randomBytes } from 'node:crypto';
import { fileScope, keyring, until } from '@relay/testing';
import { beforeAll, describe, expect, it } from 'vitest';
import { AcceptGrant } from '../credentials/accept-grant.js';
import type { TestClient } from '../test-support/broker-topics.js';
import { ConsentingBrowser } from '../test-support/consenting-browser.js';
import { OidcVendor } from '../test-support/oidc-vendor.js';
import { startBroker, type RunningBroker } from '../test-support/running-broker.js';

/** Against an authorization server that nobody here wrote: rotation of refresh tokens, with detection of their reuse. */
const scope = fileScope();
const CALLBACK = 'http://127.0.0.1:9/oauth/callback';
let vendor: OidcVendor;
let broker: RunningBroker;
let client: TestClient;
let first: { access_token: string; refresh_token: string; expires_in: number };

beforeAll(async () => {
  vendor = await OidcVendor.start(scope);
  broker = await startBroker(scope, { host: vendor.host, clients: new Map() }, keyring());
  client = broker.topics.newClient();
  vendor.addTenant(client.provetId, { ...client, redirectUri: CALLBACK });
  const issuer = vendor.issuerOf(client.provetId);
  await broker.topics.register(client, {
    authorization_grant_type: 'authorization_code',
    token_url: `${issuer}/token`,
    authorize_url: `${issuer}/auth`,
  });
  await until('it waits for consent', () => health() === 'awaiting-consent');
  first = await consentByHand();
  const grant = { accessToken: first.access_token, refreshToken: first.refresh_token, expiresIn: first.expires_in };
  await broker.get(AcceptGrant).accept(client.credentialId, { ...grant, scope: null, consentedBy: 'Ada' });
  await broker.topics.proven(client);
});

const health = () => broker.topics.lastCredential(client.credentialId)?.health;
const issuer = () => vendor.issuerOf(client.provetId);

/** What a person and the relay's consent pages do together. */
async function consentByHand(): Promise<typeof first> {
  const verifier = randomBytes(32).toString('base64url');
  const ask = new URLSearchParams({
    response_type: 'code',
    client_id: client.clientId,
    redirect_uri: CALLBACK,
    scope: 'openid restapi',
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
  });
  const back = await new ConsentingBrowser().consentAt(`${issuer()}/auth?${ask.toString()}`, CALLBACK);
  const code = new URL(back).searchParams.get('code') ?? '';
  const response = await tokenRequest({
    grant_type: 'authorization_code',
    code,
    redirect_uri: CALLBACK,
    code_verifier: verifier,
  });
  return (await response.json()) as typeof first;
}

function tokenRequest(form: Record<string, string>): Promise<Response> {
  const authorization = `Basic ${Buffer.from(`${client.clientId}:${client.secret}`).toString('base64')}`;
  return fetch(`${issuer()}/token`, { method: 'POST', headers: { authorization }, body: new URLSearchParams(form) });
}

describe('refresh tokens of oidc-provider', () => {
  it('are rotated as often as it takes, each access token being good at the API', async () => {
    for (let times = 1; times <= 4; times++) {
      const before = broker.topics.lastToken(client)?.version ?? 0;
      await broker.topics.invalidate(client, before);
      const next = await until('a newer token', () => {
        const token = broker.topics.lastToken(client);
        return token !== undefined && token.version > before ? token : null;
      });
      const accessToken = await broker.topics.openToken(client, next);
      expect(accessToken).not.toBe(first.access_token);
      const url = `http://${vendor.host}/${client.provetId}/api/0.1/department/`;
      expect((await fetch(url, { headers: { authorization: `Bearer ${accessToken}` } })).status).toBe(200);
      // A fourth on demand would come 30 seconds later.
      await broker.sql.query(`update token set mints = '[]' where credential_id = $1`, [client.credentialId]);
    }
    const { rows } = await broker.sql.query('select version, tries, lost from refresh_grant');
    expect(rows).toEqual([{ version: '5', tries: 0, lost: null }]);
  });

  it('end the whole consent when an old one is used again, and then a person is asked', async () => {
    expect((await tokenRequest({ grant_type: 'refresh_token', refresh_token: first.refresh_token })).status).toBe(400);
    await broker.topics.invalidate(client, broker.topics.lastToken(client)?.version ?? 0);
    await until('a person is asked', () => health() === 'awaiting-consent');
    expect(broker.topics.lastCredential(client.credentialId)?.code).toBe('invalid_grant');
  });
});
