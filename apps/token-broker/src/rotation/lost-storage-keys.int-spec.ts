import { generateStorageKeys } from '@relay/sealing';
import { fileScope, keyring, until } from '@relay/testing';
import { beforeAll, describe, expect, it } from 'vitest';
import { startBroker, type RunningBroker } from '../test-support/running-broker.js';
import { TokenVendor } from '../test-support/token-vendor.js';

const scope = fileScope();
let vendor: TokenVendor;
let broker: RunningBroker;

beforeAll(async () => {
  vendor = await TokenVendor.start(scope);
  broker = await startBroker(scope, vendor, keyring());
});

/** What docs/OPERATIONS.md tells an operator to do. */
describe('a storage key that is gone for good', () => {
  it('costs the schema; what is registered again is proven again, and its news are newer than what the log holds', async () => {
    const { topics } = broker;
    const client = topics.newClient();
    await topics.register(client);
    const token = await topics.proven(client);
    const credential = topics.lastCredential(client.credentialId);
    const audits = topics.auditOf(client).length;
    await broker.stop();
    await broker.sql.query('drop schema token_broker cascade');
    broker = await broker.next({ STORAGE_KEYS_JWKS: generateStorageKeys('after-the-loss') });
    expect(await broker.stored(client.credentialId)).toBeUndefined();
    await topics.register(client);
    await until('a newer token is out', () => (topics.lastToken(client)?.version ?? 0) > token.version);
    await until('it is said to be proven anew', () => {
      return (topics.lastCredential(client.credentialId)?.version ?? 0) > (credential?.version ?? Infinity);
    });
    expect(topics.lastCredential(client.credentialId)).toMatchObject({ health: 'proven', inForce: true });
    expect(await broker.stored(client.credentialId)).toMatchObject({ stage: 'proven', in_force: true });
    await until('it is told', () => topics.auditOf(client).length > audits);
    await topics.invalidate(client, topics.lastToken(client)?.version ?? 0);
    await until('another token is asked for', () => vendor.askedFor(client.clientId) === 3);
  });
});
