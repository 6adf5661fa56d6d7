import { fileScope, keyring, until } from '@relay/testing';
import { beforeAll, describe, expect, it } from 'vitest';
import type { TestClient } from '../test-support/broker-topics.js';
import { ConsentedClient, type ConsentedPair } from '../test-support/consented-client.js';
import { OidcVendor } from '../test-support/oidc-vendor.js';
import { startBroker, type RunningBroker } from '../test-support/running-broker.js';

/** Against an authorization server that nobody here wrote: rotation of refresh tokens, with detection of their reuse. */
const scope = fileScope();
let vendor: OidcVendor;
let broker: RunningBroker;
let client: TestClient;
let consented: ConsentedClient;
let first: ConsentedPair;

beforeAll(async () => {
  vendor = await OidcVendor.start(scope);
  broker = await startBroker(scope, { host: vendor.host, clients: new Map() }, keyring());
  consented = await ConsentedClient.join(broker, vendor);
  ({ client, first } = consented);
});

const health = () => broker.topics.lastCredential(client.credentialId)?.health;

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
      expect(await consented.read(accessToken)).toBe(200);
      // A fourth on demand would come 30 seconds later.
      await broker.sql.query(`update token set mints = '[]' where credential_id = $1`, [client.credentialId]);
    }
    const { rows } = await broker.sql.query('select version, tries, lost from refresh_grant');
    expect(rows).toEqual([{ version: '5', tries: 0, lost: null }]);
  });

  it('end the whole consent when an old one is used again, and then a person is asked', async () => {
    expect((await consented.spend(first.refresh_token)).status).toBe(400);
    await broker.topics.invalidate(client, broker.topics.lastToken(client)?.version ?? 0);
    await until('a person is asked', () => health() === 'awaiting-consent');
    expect(broker.topics.lastCredential(client.credentialId)?.code).toBe('invalid_grant');
  });
});
