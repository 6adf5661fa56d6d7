import { fileScope, keyring, until } from '@relay/testing';
import { beforeAll, describe, expect, it } from 'vitest';
import type { TestClient } from '../test-support/broker-topics.js';
import { ConsentedClient } from '../test-support/consented-client.js';
import { OidcVendor } from '../test-support/oidc-vendor.js';
import { startBroker, type RunningBroker } from '../test-support/running-broker.js';

/** Against an authorization server that nobody here wrote. */
const scope = fileScope();
let vendor: OidcVendor;
let broker: RunningBroker;

beforeAll(async () => {
  vendor = await OidcVendor.start(scope);
  broker = await startBroker(scope, { host: vendor.host, clients: new Map() }, keyring());
});

const grantsOf = async ({ credentialId }: TestClient) => {
  const { rows } = await broker.sql.query('select version, intent_id from refresh_grant where credential_id = $1', [
    credentialId,
  ]);
  return rows as { version: string; intent_id: string | null }[];
};
const asked = (end: string) => vendor.paths.filter((path) => path.endsWith(end)).length;
const destroyed = (client: TestClient) =>
  until('its secrets are destroyed', () => broker.topics.lastCredential(client.credentialId)?.code === 'withdrawn');

describe('the consent of a withdrawn tenant', () => {
  it('is ended at the vendor: neither its refresh token nor its access token is good any more', async () => {
    const { topics } = broker;
    const consented = await ConsentedClient.join(broker, vendor);
    const { client, first } = consented;
    expect(await consented.read(first.access_token)).toBe(200);
    await topics.hooksRemoved(client, await topics.withdraw(client));
    await destroyed(client);
    const refused = await consented.spend(first.refresh_token);
    expect([refused.status, await refused.json()]).toMatchObject([400, { error: 'invalid_grant' }]);
    expect(await consented.read(first.access_token)).toBe(401);
    expect(await grantsOf(client)).toEqual([]);
  });

  it('is told from its beginning to its end, and nothing that was secret', async () => {
    const { topics } = broker;
    const { client, first } = await ConsentedClient.join(broker, vendor);
    await topics.invalidate(client, topics.lastToken(client)?.version ?? 0);
    await until('it is renewed', async () => (await grantsOf(client))[0]?.version === '2');
    await topics.settled(client.tenantId);
    await topics.hooksRemoved(client, await topics.withdraw(client));
    await destroyed(client);
    await until('all is told', () => topics.auditOf(client).some((entry) => entry.action === 'tokens-revoked'));
    const told = topics.auditOf(client).map(({ actor, action, reason }) => [actor, action, reason]);
    const service = 'service:token-broker';
    expect(told).toEqual([
      [service, 'registration-opened', 'hookup'],
      ['person:Ada', 'consent-given', 'invitation'],
      [service, 'candidate-tried', null],
      [service, 'credential-proven', 'hookup'],
      ['service:provet-sync', 'token-invalidated', 'refused-by-vendor'],
      [service, 'refresh-token-spent', 'renewed'],
      [service, 'withdrawal-begun', 'tenant-withdrawn'],
      [service, 'secret-destroyed', 'withdrawn'],
      [service, 'tokens-revoked', 'revoked'],
    ]);
    const text = JSON.stringify(topics.audits);
    for (const secret of [client.secret, first.access_token, first.refresh_token]) expect(text).not.toContain(secret);
  });

  it('takes along what a renewal that was under way brings', async () => {
    const { topics } = broker;
    const { client } = await ConsentedClient.join(broker, vendor);
    const answer = Promise.withResolvers<void>();
    vendor.holds.set(`/${client.provetId}/oauth2/token`, answer.promise);
    await topics.invalidate(client, topics.lastToken(client)?.version ?? 0);
    await until('it is announced', async () => typeof (await grantsOf(client))[0]?.intent_id === 'string');
    const revocations = asked('/revoke_token/');
    const withdrawnAt = await topics.withdraw(client);
    await topics.hooksRemoved(client, withdrawnAt);
    await until('the withdrawal has begun', () =>
      topics.auditOf(client).some((one) => one.action === 'withdrawal-begun'),
    );
    // Another one's, begun later, is over: the one under way was looked at meanwhile.
    const other = await ConsentedClient.join(broker, vendor);
    await topics.hooksRemoved(other.client, await topics.withdraw(other.client));
    await destroyed(other.client);
    expect(await grantsOf(client)).toHaveLength(1);
    expect(asked('/revoke_token/')).toBe(revocations + 2);
    answer.resolve();
    await destroyed(client);
    // The refresh token and the access token of the new pair; the access token before, if it was published still.
    expect(asked('/revoke_token/')).toBeGreaterThanOrEqual(revocations + 4);
    expect(await grantsOf(client)).toEqual([]);
  });
});
