import { partitionOf } from '@relay/contracts';
import { OpeningKeys } from '@relay/sealing';
import { fileScope, keyring, until } from '@relay/testing';
import { beforeAll, describe, expect, it } from 'vitest';
import type { BrokerTopics } from './test-support/broker-topics.js';
import { startBroker, type RunningBroker } from './test-support/running-broker.js';
import { TokenVendor } from './test-support/token-vendor.js';

const EXACT_SECRET = 'planted-exact-secret';
const scope = fileScope();
const keys = keyring();
let vendor: TokenVendor;
let broker: RunningBroker;
let topics: BrokerTopics;

beforeAll(async () => {
  vendor = await TokenVendor.start(scope);
  vendor.clients.set('exact-client', { secret: EXACT_SECRET, expiresIn: 3600 });
  broker = await startBroker(scope, vendor, keys, {
    EXACT_ENVIRONMENT: 'qa',
    EXACT_TOKEN_URL: `http://${vendor.host}/connect/token`,
    EXACT_API_URL: `http://${vendor.host}`,
    EXACT_CLIENT_ID: 'exact-client',
    EXACT_CLIENT_SECRET: EXACT_SECRET,
    EXACT_SCOPES: 'patient.get,patient.list',
  });
  ({ topics } = broker);
});

describe('a withdrawn tenant', () => {
  it('keeps no secret and no token; when it returns it is a tenant like any other', async () => {
    const client = topics.newClient();
    await topics.register(client);
    await topics.proven(client);
    await topics.hooksRemoved(client, await topics.withdraw(client));
    await until('the tombstone of its token', () => topics.tokensOf(client).at(-1) === null);
    expect(await broker.stored(client.credentialId)).toMatchObject({ stage: 'withdrawn', secret: null });
    expect((await broker.sql.query('select from token where credential_id = $1', [client.credentialId])).rowCount).toBe(
      0,
    );
    await until('credential.v1 says so', () => topics.lastCredential(client.credentialId)?.inForce === false);
    await topics.register(client);
    await topics.proven(client);
    const versions = topics.tokensOf(client).flatMap((token) => (token === null ? [] : [token.version]));
    expect(versions).toEqual([...versions].sort((a, b) => a - b));
  });
});

describe('the EXACT client', () => {
  it('is taken from the environment, proven with the base scopes, its tokens sealed to the other connector', async () => {
    const scopes = 'practice.get productsubscription.get';
    const credentialId = 'exact:qa/exact-client';
    const token = await until('its token', () => topics.tokens.get(`${credentialId}#${scopes}`)?.at(-1));
    expect(topics.lastCredential(credentialId)).toMatchObject({
      tenantId: 'exact:qa',
      health: 'proven',
      inForce: true,
    });
    const context = { topic: 'token.v1', tenantId: 'exact:qa', credentialId, version: token.version };
    expect(await OpeningKeys.parse(keys.EXACT_TOKEN_PRIVATE_JWKS).open(token.sealed, context)).toContain(
      'planted-token',
    );
    expect(vendor.formOf('exact-client')['scope']).toBe(scopes);
  });
});

describe('a process that loses a shard', () => {
  it('commits nothing for it and goes on once it has taken it again', async () => {
    const client = topics.newClient();
    const epochOf = async (): Promise<number> => {
      const shard = partitionOf(client.tenantId, 4);
      const { rows } = await broker.sql.query('select epoch from shard where shard = $1', [shard]);
      return Number((rows as { epoch: string }[])[0]?.epoch);
    };
    const before = await epochOf();
    await broker.sql.query('update shard set epoch = epoch + 1');
    await topics.register(client);
    await until('the credential is proven', () => topics.lastCredential(client.credentialId)?.health === 'proven', {
      timeoutMs: 30_000,
    });
    expect(await epochOf()).toBeGreaterThanOrEqual(before + 2);
  });

  it('leaves what it had begun to the one that comes', async () => {
    const client = topics.newClient();
    vendor.faults.set(client.clientId, 1_000_000);
    await topics.register(client);
    await until('the first tries', () => vendor.askedFor(client.clientId) >= 2);
    await broker.startNext();
    vendor.faults.set(client.clientId, 0);
    await topics.proven(client);
    expect(topics.credentials.get(client.credentialId)).toHaveLength(1);
  });
});

describe('everywhere', () => {
  it('no secret or token is in clear: not in the database, not in a topic, not in the log', async () => {
    expect(await broker.placesOf(['planted'])).toEqual([]);
  });

  it('published means seen: every row has been read back', async () => {
    await until('all rows are confirmed', async () => {
      const { rows } = await broker.sql.query(`
        select row_key from credential_state where seen_version is distinct from version
        union all select row_key from token_state where seen_version is distinct from version`);
      return rows.length === 0;
    });
    for (const [key, values] of topics.tokens) {
      const { rows } = await broker.sql.query('select version, value from token_state where row_key = $1', [key]);
      const [row] = rows as { version: string; value: object | null }[];
      expect(values.at(-1)).toEqual(row?.value ?? null);
    }
  });
});
