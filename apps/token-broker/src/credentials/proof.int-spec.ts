import { fileScope, keyring, until } from '@relay/testing';
import { beforeAll, describe, expect, it } from 'vitest';
import type { TestClient } from '../test-support/broker-topics.js';
import { startBroker, type RunningBroker } from '../test-support/running-broker.js';
import { TokenVendor } from '../test-support/token-vendor.js';

const scope = fileScope();
const keys = keyring();
const MAX_PER_HOUR = 14;
let vendor: TokenVendor;
let broker: RunningBroker;

beforeAll(async () => {
  vendor = await TokenVendor.start(scope);
  broker = await startBroker(scope, vendor, keys, { HOOKUP_MAX_PER_HOUR: String(MAX_PER_HOUR) });
});

const last = (client: TestClient) => broker.topics.lastCredential(client.credentialId);

describe('a token that was granted', () => {
  it('proves nothing when the API refuses it: one more is asked for, then the credential is rejected', async () => {
    const client = broker.topics.newClient();
    vendor.reads.push(401, 401);
    await broker.topics.register(client);
    await until('the verdict', () => last(client));
    expect(last(client)).toMatchObject({ health: 'rejected', code: 'token-refused', inForce: false });
    expect(vendor.askedFor(client.clientId)).toBe(2);
    expect(broker.topics.tokensOf(client)).toEqual([]);
  });

  it('proves when the second one is taken, or when the API only forbids that read', async () => {
    const second = broker.topics.newClient();
    vendor.reads.push(401, 200);
    await broker.topics.register(second);
    await broker.topics.proven(second);
    expect(vendor.askedFor(second.clientId)).toBe(2);
    const forbidden = broker.topics.newClient();
    vendor.reads.push(403);
    await broker.topics.register(forbidden);
    await broker.topics.proven(forbidden);
    expect(vendor.askedFor(forbidden.clientId)).toBe(1);
  });

  it('says nothing yet while the API has a bad day', async () => {
    const client = broker.topics.newClient();
    vendor.reads.push(503, 404, 500);
    await broker.topics.register(client);
    await broker.topics.proven(client);
    expect(broker.topics.credentials.get(client.credentialId)).toHaveLength(1);
  });
});

it('a rotation that fails leaves the tenant working and raises an alarm', async () => {
  const client = broker.topics.newClient();
  await broker.topics.register(client);
  await broker.topics.proven(client);
  await broker.topics.register(client, { client_secret: 'planted-wrong' });
  await until('the alarm', async () =>
    /relay_candidates_failed_total\{code="invalid_client"\} 1/.test(await broker.metrics.registry.metrics()),
  );
  expect(broker.logLines.some((line) => line.includes('a rotation has failed'))).toBe(true);
  expect(last(client)).toMatchObject({ health: 'proven', inForce: true });
});

it('a rotation without a secret raises the alarm too, though nobody is asked about it', async () => {
  const client = broker.topics.newClient();
  await broker.topics.register(client);
  await broker.topics.proven(client);
  await broker.topics.register(client, { client_secret: null });
  await until('the alarm', async () =>
    /relay_candidates_failed_total\{code="no-secret"\} 1/.test(await broker.metrics.registry.metrics()),
  );
  expect(last(client)).toMatchObject({ health: 'proven', inForce: true });
  expect(vendor.askedFor(client.clientId)).toBe(1);
});

it('says since when the vendor does not know a client any more, asks again, and takes it back', async () => {
  const client = broker.topics.newClient();
  await broker.topics.register(client);
  await broker.topics.proven(client);
  vendor.clients.delete(client.clientId);
  await broker.topics.invalidate(client, broker.topics.lastToken(client)?.version ?? 0);
  const rejected = await until('it is rejected', () => (last(client)?.health === 'rejected' ? last(client) : null));
  expect(rejected).toMatchObject({ inForce: true, code: 'invalid_client' });
  expect(Date.now() - Date.parse(rejected.invalidSince ?? '')).toBeLessThan(30_000);
  const hurry = async () => {
    await broker.sql.query('update token set retry_at = null, due_at = 0 where credential_id = $1', [
      client.credentialId,
    ]);
    await broker.topics.invalidate(client, 1);
  };
  await hurry();
  await until('it was asked again', () => vendor.askedFor(client.clientId) === 3);
  await until('the answer is noted', () => (last(client)?.version ?? 0) > rejected.version);
  expect(last(client)?.invalidSince).toBe(rejected.invalidSince);
  vendor.clients.set(client.clientId, { secret: client.secret, expiresIn: 36_000 });
  await hurry();
  await until('it is proven', () => last(client)?.health === 'proven');
  expect(last(client)?.invalidSince).toBeNull();
});

describe('registrations that come faster than they may be tried', () => {
  it('wait: three of a tenant in an hour, in the order they came, and others meanwhile are tried', async () => {
    const first = broker.topics.newClient();
    const clients = Array.from({ length: 5 }, (_, i) => ({
      ...first,
      clientId: `${first.clientId}-${i}`,
      credentialId: `${first.credentialId}-${i}`,
    }));
    for (const client of clients) {
      vendor.clients.set(client.clientId, { secret: client.secret, expiresIn: 36_000 });
      await broker.topics.register(client);
      await broker.topics.settled(client.tenantId);
    }
    await broker.topics.proven(clients[2] as TestClient);
    const hours = (row: { due_at: string }) => (Number(row.due_at) - Date.now()) / 3_600_000;
    const rows = await until('the others wait for an hour to pass', async () => {
      const found = await waiting(first.tenantId);
      return found.length === 2 && found.every((row) => hours(row) > 0.9) ? found : null;
    });
    expect(rows.map((row) => row.credential_id)).toEqual([clients[3]?.credentialId, clients[4]?.credentialId]);
    expect(rows[0]?.due_at).not.toBe(rows[1]?.due_at);
    const other = broker.topics.newClient();
    await broker.topics.register(other);
    await broker.topics.proven(other);
  });

  it('wait: so many of all in an hour', async () => {
    const { rows } = await broker.sql.query('select count(*) from admission');
    const left = MAX_PER_HOUR - Number((rows as { count: string }[])[0]?.count);
    expect(left).toBeGreaterThan(0);
    const clients = Array.from({ length: left + 1 }, () => broker.topics.newClient());
    for (const client of clients) {
      await broker.topics.register(client);
      await broker.topics.settled(client.tenantId);
    }
    for (const client of clients.slice(0, left)) await broker.topics.proven(client);
    const refused = clients.at(-1) as TestClient;
    await until('the last one waits', async () => (await waiting(refused.tenantId)).length === 1);
    expect(vendor.askedFor(refused.clientId)).toBe(0);
    // The hour has passed.
    await broker.sql.query('delete from admission');
    await broker.sql.query('update candidate set due_at = 0 where credential_id = $1', [refused.credentialId]);
    await broker.topics.invalidate(refused, 1);
    await broker.topics.proven(refused);
  });
});

async function waiting(tenantId: string): Promise<{ credential_id: string; due_at: string }[]> {
  const { rows } = await broker.sql.query(
    'select credential_id, due_at from candidate where tenant_id = $1 and admitted_at is null order by due_at',
    [tenantId],
  );
  return rows as { credential_id: string; due_at: string }[];
}
