import { fileScope, keyring, until } from '@relay/testing';
import { beforeAll, describe, expect, it } from 'vitest';
import type { BrokerTopics, TestClient } from '../test-support/broker-topics.js';
import { startBroker, type RunningBroker } from '../test-support/running-broker.js';
import { TokenVendor } from '../test-support/token-vendor.js';

const scope = fileScope();
let vendor: TokenVendor;
let broker: RunningBroker;
let topics: BrokerTopics;

beforeAll(async () => {
  vendor = await TokenVendor.start(scope);
  broker = await startBroker(scope, vendor, keyring());
  topics = broker.topics;
});

const TEN_MINUTES_MS = 10 * 60_000;

/** A tenant that has been registered for a while, and works. */
async function proven(): Promise<{ client: TestClient; token: string; secret: () => Promise<unknown> }> {
  const client = topics.newClient();
  const receivedAt = new Date(Date.now() - TEN_MINUTES_MS).toISOString();
  await topics.sendHookup({ ...(await topics.hookupValue(client)), receivedAt });
  const token = await topics.openToken(client, await topics.proven(client));
  const secret = async () => {
    const { rows } = await broker.sql.query('select secret, stage from credential where credential_id = $1', [
      client.credentialId,
    ]);
    return rows[0] as unknown;
  };
  return { client, token, secret };
}

const begun = ({ tenantId }: TestClient) =>
  until('the withdrawal has begun', async () => {
    return (await broker.sql.query('select 1 from withdrawal where tenant_id = $1', [tenantId])).rowCount === 1;
  });
const revokedOf = ({ clientId }: TestClient) => vendor.revoked.filter((one) => one.client === clientId);
const destroyed = (client: TestClient, timeoutMs = 15_000) =>
  until('the tombstone of its token', () => topics.tokensOf(client).at(-1) === null, { timeoutMs });

describe('the secrets of a withdrawn tenant', () => {
  it('live until the webhooks are removed, then their token is revoked, then they are destroyed', async () => {
    const { client, token, secret } = await proven();
    const withdrawnAt = await topics.withdraw(client);
    await begun(client);
    expect(topics.lastToken(client)).toBeDefined();
    expect(await secret()).toMatchObject({ secret: expect.any(String) });
    // Refused meanwhile: nothing is minted for a tenant that is gone.
    const asked = vendor.askedFor(client.clientId);
    await topics.invalidate(client, topics.lastToken(client)?.version ?? 0, 5);
    await topics.settled(client.tenantId);
    // Another withdrawal, whose minute is over, comes and goes: whatever was due of this one was seen with it.
    const other = await proven();
    await topics.withdraw(other.client, new Date(Date.now() - 90_000));
    await destroyed(other.client);
    expect(revokedOf(client)).toEqual([]);
    expect(topics.lastToken(client)).toBeDefined();

    await topics.hooksRemoved(client, withdrawnAt);
    await destroyed(client);
    expect(revokedOf(client)).toEqual([{ client: client.clientId, token, hint: 'access_token' }]);
    expect(vendor.askedFor(client.clientId)).toBe(asked);
    expect(await secret()).toEqual({ secret: null, stage: 'withdrawn' });
    await until('credential.v1 says so', () => topics.lastCredential(client.credentialId)?.code === 'withdrawn');
    expect(broker.logLines.join('')).not.toContain(token);
  });

  it('do not wait for webhooks longer than a minute', async () => {
    const { client, token } = await proven();
    await topics.withdraw(client, new Date(Date.now() - 57_000));
    await begun(client);
    await destroyed(client);
    expect(revokedOf(client).map((one) => one.token)).toEqual([token]);
  });

  it('are kept while the vendor cannot take the revocation, and for a few minutes only', async () => {
    const { client, secret } = await proven();
    vendor.revocations.push(503, 503);
    await topics.hooksRemoved(client, await topics.withdraw(client));
    await destroyed(client);
    expect(revokedOf(client)).toHaveLength(1);

    const late = await proven();
    vendor.revocations.push(503, 503, 503);
    await topics.withdraw(late.client, new Date(Date.now() - 7 * 60_000));
    await destroyed(late.client);
    expect(revokedOf(late.client)).toEqual([]);
    expect(await late.secret()).toEqual({ secret: null, stage: 'withdrawn' });
    expect(await secret()).toEqual({ secret: null, stage: 'withdrawn' });
    vendor.revocations.length = 0;
  });

  it('are destroyed although the vendor refuses to revoke', async () => {
    const { client, secret } = await proven();
    vendor.revocations.push(404);
    await topics.hooksRemoved(client, await topics.withdraw(client));
    await destroyed(client);
    expect(await secret()).toEqual({ secret: null, stage: 'withdrawn' });
  });

  it('are those from before the withdrawal: a return in the meantime keeps its own', async () => {
    const { client } = await proven();
    const withdrawnAt = await topics.withdraw(client);
    await begun(client);
    const clientId = `${client.clientId}-b`;
    vendor.clients.set(clientId, { secret: client.secret, expiresIn: 36_000 });
    const back = { ...client, clientId, credentialId: `${client.tenantId}/${clientId}` };
    await topics.register(back);
    await topics.proven(back);
    await topics.hooksRemoved(client, withdrawnAt);
    await destroyed(client);
    expect(topics.lastCredential(back.credentialId)).toMatchObject({ health: 'proven', inForce: true });
    expect(topics.lastToken(back)).toBeDefined();
  });
});
