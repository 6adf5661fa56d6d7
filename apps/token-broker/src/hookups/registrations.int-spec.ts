import type { CredentialValue } from '@relay/contracts';
import { fileScope, keyring, until } from '@relay/testing';
import { beforeAll, describe, expect, it } from 'vitest';
import type { BrokerTopics } from '../test-support/broker-topics.js';
import { startBroker, type RunningBroker } from '../test-support/running-broker.js';
import { TokenVendor } from '../test-support/token-vendor.js';

const scope = fileScope();
const keys = keyring();
let vendor: TokenVendor;
let broker: RunningBroker;
let topics: BrokerTopics;

beforeAll(async () => {
  vendor = await TokenVendor.start(scope);
  broker = await startBroker(scope, vendor, keys);
  ({ topics } = broker);
});

describe('a registration', () => {
  it('becomes a proven credential with a sealed token, and its sealed secret leaves the topic', async () => {
    const client = topics.newClient({ clientId: 'id with: colon/and%é' });
    await topics.register(client);
    const token = await topics.proven(client);
    expect(await topics.openToken(client, token)).toMatch(/^planted-token-\d+$/);
    const credential = topics.lastCredential(client.credentialId) as CredentialValue;
    expect(credential).toMatchObject({ tenantId: client.tenantId, code: null, expiresAt: token.expiresAt });
    expect(Math.round((Date.parse(token.expiresAt) - Date.now()) / 60_000)).toBe(600);
    await until('the tombstone', () => topics.hookupTombstones.has(client.credentialId));
    expect(vendor.formOf(client.clientId)).toEqual({ grant_type: 'client_credentials', scope: 'restapi' });
  });

  it('that comes again, in whatever spelling, makes no second token request', async () => {
    const client = topics.newClient();
    const value = await topics.hookupValue(client);
    await topics.sendHookup(value);
    await topics.proven(client);
    await topics.sendHookup(value);
    await topics.register(client, { authorization_grant_type: 'client-credentials' });
    await topics.settled(client.tenantId);
    const marker = topics.newClient();
    await topics.register(marker);
    await topics.proven(marker);
    expect(vendor.askedFor(client.clientId)).toBe(1);
  });

  it('with a wrong secret is rejected with the word of the vendor', async () => {
    const client = topics.newClient();
    await topics.register(client, { client_secret: 'planted-wrong' });
    const credential = await until('the verdict', () => topics.lastCredential(client.credentialId));
    expect(credential).toMatchObject({ health: 'rejected', inForce: false, code: 'invalid_client' });
    expect(topics.tokensOf(client)).toEqual([]);
    await topics.register(client);
    await topics.proven(client);
    expect(vendor.askedFor(client.clientId)).toBe(2);
  });

  it('without a secret, or with the grant that needs a person, waits for nobody', async () => {
    const bare = topics.newClient();
    await topics.register(bare, { client_secret: null });
    const rejected = await until('the verdict', () => topics.lastCredential(bare.credentialId));
    expect(rejected).toMatchObject({ health: 'rejected', inForce: false, code: 'no-secret' });
    const person = topics.newClient();
    await topics.register(person, { authorization_grant_type: 'authorization_code' });
    const waiting = await until('the verdict', () => topics.lastCredential(person.credentialId));
    expect(waiting).toMatchObject({ health: 'awaiting-consent', inForce: false });
    expect(vendor.askedFor(bare.clientId) + vendor.askedFor(person.clientId)).toBe(0);
  });

  it('is tried again while the vendor is away, whatever body the vendor answers with', async () => {
    const client = topics.newClient();
    vendor.faults.set(client.clientId, 3);
    await topics.register(client);
    await topics.proven(client);
    expect(vendor.askedFor(client.clientId)).toBe(4);
    expect(topics.credentials.get(client.credentialId)?.map(({ health }) => health)).toEqual(['proven']);
  });

  it('that does not agree with itself is put aside and never called', async () => {
    const client = topics.newClient();
    const value = await topics.hookupValue(client);
    const evil = `http://127.0.0.1:1/${client.provetId}/oauth2/token/`;
    await topics.sendHookup({ ...value, registration: { ...value.registration, token_url: evil } });
    const letter = await until('the dead letter', () =>
      topics.deadLetters.find(({ key }) => key === client.credentialId),
    );
    expect(letter.headers['dlq-cause']).toContain('hookup-inconsistent');
    expect(letter.rawValue?.toString()).not.toContain(value.registration.client_secret);
    expect(vendor.askedFor(client.clientId)).toBe(0);
    await until('it is told', () => topics.auditOf(client).length > 0);
    const told = topics.auditOf(client).map(({ action, reason, detail }) => [action, reason, detail]);
    expect(told).toEqual([['registration-refused', 'hookup-inconsistent', { credentialId: client.credentialId }]]);
  });

  it('that is sealed for somebody else cannot be opened: put aside, and told', async () => {
    const [mine, other] = [topics.newClient(), topics.newClient()];
    const [value, moved] = [await topics.hookupValue(mine), await topics.hookupValue(other)];
    const { client_secret } = moved.registration;
    await topics.sendHookup({ ...value, registration: { ...value.registration, client_secret } });
    await until('the dead letter', () => topics.deadLetters.some(({ key }) => key === mine.credentialId));
    await until('it is told', () => topics.auditOf(mine).length > 0);
    expect(topics.auditOf(mine)).toMatchObject([
      { action: 'registration-refused', actor: 'service:token-broker', detail: { credentialId: mine.credentialId } },
    ]);
    expect(vendor.askedFor(mine.clientId) + vendor.askedFor(other.clientId)).toBe(0);
  });
});

describe('a rotation', () => {
  it('leaves the old credential in force until the new one is proven, then destroys its secret', async () => {
    const first = topics.newClient();
    await topics.register(first);
    await topics.proven(first);
    const second = { ...first, clientId: `${first.clientId}-b`, credentialId: `${first.credentialId}-b` };
    vendor.faults.set(second.clientId, 2);
    vendor.clients.set(second.clientId, { secret: first.secret, expiresIn: 36_000 });
    await topics.register(second);
    await topics.proven(second);
    await until('the old one is out of force', () => topics.lastCredential(first.credentialId)?.inForce === false);
    expect(await broker.stored(first.credentialId)).toMatchObject({ stage: 'replaced', in_force: false, secret: null });
    // The syncs use the old token until the registry has named the new credential.
    expect(topics.lastToken(first)).toBeDefined();
  });

  it('to a wrong secret changes nothing for the credential that works', async () => {
    const client = topics.newClient();
    await topics.register(client);
    await topics.proven(client);
    await topics.register(client, { client_secret: 'planted-wrong' });
    await until('the vendor was asked', () => vendor.askedFor(client.clientId) === 2);
    await until('the candidate is gone', async () => {
      const { rowCount } = await broker.sql.query('select from candidate where credential_id = $1', [
        client.credentialId,
      ]);
      return rowCount === 0;
    });
    expect(topics.credentials.get(client.credentialId)?.length).toBe(1);
    expect(await broker.stored(client.credentialId)).toMatchObject({ stage: 'proven', in_force: true });
    await topics.invalidate(client, topics.lastToken(client)?.version ?? 0);
    await until('another token with the old secret', () => topics.tokensOf(client).length === 2);
  });
});

it('leaves no secret and no token in clear: not in the database, not in a topic, not in the log', async () => {
  expect(await broker.placesOf(['planted'])).toEqual([]);
});
