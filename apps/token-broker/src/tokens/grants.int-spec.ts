import { fileScope, keyring, until } from '@relay/testing';
import { beforeAll, describe, expect, it } from 'vitest';
import { AcceptGrant } from '../credentials/accept-grant.js';
import type { TestClient } from '../test-support/broker-topics.js';
import { startBroker, type RunningBroker } from '../test-support/running-broker.js';
import { TokenVendor, type RefreshAnswer } from '../test-support/token-vendor.js';

const scope = fileScope();
const keys = keyring();
/** Longer than an announced spend is left alone when nobody knows what has become of it (45 s). */
const UNANSWERED_MS = 60_000;
let vendor: TokenVendor;
let broker: RunningBroker;

beforeAll(async () => {
  vendor = await TokenVendor.start(scope);
  broker = await startBroker(scope, vendor, keys, { BACKOFF_MAX_MS: String(UNANSWERED_MS) });
});

const codeGrant = { authorization_grant_type: 'authorization_code' };

function consent({ credentialId }: TestClient, refreshToken: string | null): Promise<string> {
  const pair = { accessToken: 'planted-token-0', refreshToken, expiresIn: 36_000, scope: 'restapi' };
  return broker.get(AcceptGrant).accept(credentialId, { ...pair, consentedBy: 'Ada Manager' });
}

/** A practice whose manager has consented. */
async function consented(...refreshes: RefreshAnswer[]): Promise<TestClient> {
  const client = broker.topics.newClient();
  vendor.refreshes.set(client.clientId, refreshes);
  await broker.topics.register(client, codeGrant);
  await until('it waits for consent', () => health(client) === 'awaiting-consent');
  expect(await consent(client, 'planted-refresh-1')).toBe('accepted');
  await broker.topics.proven(client);
  return client;
}

const health = (client: TestClient) => broker.topics.lastCredential(client.credentialId)?.health;
const refreshTokens = (client: TestClient) =>
  vendor.requests
    .filter((request) => request.client === client.clientId)
    .map(({ body }) => new URLSearchParams(body).get('refresh_token'));

async function refuse(client: TestClient): Promise<void> {
  await broker.topics.invalidate(client, broker.topics.lastToken(client)?.version ?? 0);
}
/** A token may be published more than once: what counts is its version. */
const renewed = (client: TestClient, times: number) =>
  until('it is renewed', () => new Set(broker.topics.tokensOf(client).map((token) => token?.version)).size > times);

/** Waits until a spend has remained without an answer, and is not to be repeated for the rest that this gives the vendor. */
function leftAlone({ credentialId, clientId }: TestClient, tries: number): Promise<boolean> {
  return until(`spend ${tries} is left alone`, async () => {
    const { rows } = await broker.sql.query(
      `select from refresh_grant g join token t using (credential_id)
       where credential_id = $1 and g.tries = $2 and t.retry_at > $3`,
      [credentialId, tries, Date.now() + UNANSWERED_MS - 10_000],
    );
    return rows.length === 1 && vendor.askedFor(clientId) === tries;
  });
}

/** Lets the time pass that an announced spend is left alone. */
async function patienceOver(client: TestClient): Promise<void> {
  await broker.sql.query('update refresh_grant set intent_at = 0 where credential_id = $1', [client.credentialId]);
  await broker.sql.query('update token set retry_at = null, due_at = 0 where credential_id = $1', [
    client.credentialId,
  ]);
  // Any command makes the broker look.
  await broker.topics.invalidate(client, 1);
}

describe('a consent', () => {
  it('is proven by a read before it is used, without a token request, and says who gave it', async () => {
    const client = await consented();
    expect(broker.topics.lastCredential(client.credentialId)).toMatchObject({ consentedBy: 'Ada Manager', code: null });
    expect(vendor.askedFor(client.clientId)).toBe(0);
  });

  it('is refreshed with the newest refresh token, and with the old one when none came', async () => {
    const client = await consented({ refresh_token: 'planted-refresh-2' }, {}, { refresh_token: 'planted-refresh-3' });
    for (let times = 1; times <= 3; times++) {
      await refuse(client);
      await renewed(client, times);
    }
    expect(refreshTokens(client)).toEqual(['planted-refresh-1', 'planted-refresh-2', 'planted-refresh-2']);
  });

  it('asks once more after an answer that was lost, and then a person', async () => {
    const client = await consented('cut', 'cut', {});
    await refuse(client);
    await leftAlone(client, 1);
    await patienceOver(client);
    await leftAlone(client, 2);
    await patienceOver(client);
    const last = await until('a person is asked', () => {
      return health(client) === 'awaiting-consent' ? broker.topics.lastCredential(client.credentialId) : null;
    });
    expect(last).toMatchObject({ inForce: true, code: 'refresh-unknown' });
    expect(vendor.askedFor(client.clientId)).toBe(2);
  });

  it('goes on when the repeat is answered', async () => {
    const client = await consented('cut', { refresh_token: 'planted-refresh-2' }, {});
    await refuse(client);
    await leftAlone(client, 1);
    await patienceOver(client);
    await renewed(client, 1);
    await refuse(client);
    await renewed(client, 2);
    expect(refreshTokens(client)).toEqual(['planted-refresh-1', 'planted-refresh-1', 'planted-refresh-2']);
  });

  it('is not repeated while the vendor answers nothing at all', async () => {
    const client = await consented('cut', {});
    await refuse(client);
    await leftAlone(client, 1);
    vendor.reads.push(503, 502);
    await patienceOver(client);
    await renewed(client, 1);
    expect(vendor.reads).toEqual([]);
    expect(vendor.askedFor(client.clientId)).toBe(2);
  });

  it('is tried again after answers that are none, as often as it takes', async () => {
    const client = await consented(503, 500, 429, 503, { refresh_token: 'planted-refresh-2' });
    await refuse(client);
    await renewed(client, 1);
    expect(new Set(refreshTokens(client))).toEqual(new Set(['planted-refresh-1']));
  });

  it('that the vendor has ended needs a person, and their new consent puts it right', async () => {
    const client = await consented();
    await refuse(client);
    await until('a person is asked', () => health(client) === 'awaiting-consent');
    expect(broker.topics.lastCredential(client.credentialId)).toMatchObject({ inForce: true, code: 'invalid_grant' });
    vendor.refreshes.set(client.clientId, [{}]);
    await consent(client, 'planted-refresh-9');
    await until('it works again', () => health(client) === 'proven');
    await refuse(client);
    await until('it is refreshed', () => refreshTokens(client).at(-1) === 'planted-refresh-9');
    const { rows } = await broker.sql.query('select grant_id from refresh_grant where credential_id = $1', [
      client.credentialId,
    ]);
    expect(rows).toHaveLength(1);
  });

  it('that comes to nothing leaves the one before alone', async () => {
    const client = await consented({});
    vendor.reads.push(401);
    // Its token is refused by a read, and its refresh token by the token endpoint.
    vendor.refreshes.set(client.clientId, []);
    await consent(client, 'planted-refresh-bad');
    await until('it has failed', () => refreshTokens(client).at(-1) === 'planted-refresh-bad');
    await until('it waits again', async () => {
      const { rows } = await broker.sql.query('select due_at from candidate where credential_id = $1', [
        client.credentialId,
      ]);
      return (rows as { due_at: string | null }[])[0]?.due_at === null;
    });
    expect(health(client)).toBe('proven');
    vendor.refreshes.set(client.clientId, [{}]);
    await refuse(client);
    await renewed(client, 1);
    expect(refreshTokens(client).at(-1)).toBe('planted-refresh-1');
  });

  it('is taken for nobody who is not waiting for one', async () => {
    const client = broker.topics.newClient();
    expect(await consent(client, 'x')).toBe('unknown-credential');
    await broker.topics.register(client);
    await broker.topics.proven(client);
    expect(await consent(client, 'x')).toBe('unknown-credential');
    const bare = broker.topics.newClient();
    await broker.topics.register(bare, { ...codeGrant, client_secret: null });
    await until('it waits for consent', () => health(bare) === 'awaiting-consent');
    expect(await consent(bare, 'x')).toBe('no-secret');
  });
});

it('leaves no token or secret in clear', async () => {
  const { rows } = await broker.sql.query('select g::text as line from refresh_grant g');
  expect(rows.length).toBeGreaterThan(5);
  expect(JSON.stringify(rows)).not.toContain('planted');
  expect(broker.logLines.join('')).not.toContain('planted');
});
