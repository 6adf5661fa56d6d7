import type { TokenValue } from '@relay/contracts';
import { controlMessage } from '@relay/kafka';
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

describe('a token', () => {
  it('that the vendor refused is minted once, however often that is said', async () => {
    const client = topics.newClient();
    await topics.register(client);
    const { version } = await topics.proven(client);
    await topics.invalidate(client, version, 1000);
    const next = await until('the next token', () => {
      const token = topics.lastToken(client);
      return token !== undefined && token.version > version ? token : null;
    });
    await topics.invalidate(client, version, 100);
    await topics.settled(client.tenantId);
    expect(vendor.askedFor(client.clientId)).toBe(2);
    // The old version was named once more, so the present one is published once more.
    await until(
      'the present token again',
      () => topics.tokensOf(client).filter((t) => t?.version === next.version).length >= 2,
    );
    expect(vendor.askedFor(client.clientId)).toBe(2);
    expect(await topics.openToken(client, next)).not.toBe(
      await topics.openToken(client, topics.tokensOf(client)[0] as TokenValue),
    );
  });

  it('is minted three times at once and then not for a while', async () => {
    const client = topics.newClient();
    await topics.register(client);
    let { version } = await topics.proven(client);
    for (let round = 1; round <= 3; round++) {
      await topics.invalidate(client, version);
      const before = version;
      version = await until(`mint ${round}`, () => {
        const now = topics.lastToken(client)?.version ?? 0;
        return now > before ? now : 0;
      });
    }
    await topics.invalidate(client, version);
    await topics.settled(client.tenantId);
    const { rows } = await broker.sql.query('select invalid, due_at from token where credential_id = $1', [
      client.credentialId,
    ]);
    const [row] = rows as { invalid: boolean; due_at: string }[];
    expect(row?.invalid).toBe(true);
    expect(Number(row?.due_at)).toBeGreaterThan(Date.now() + 20_000);
    expect(vendor.askedFor(client.clientId)).toBe(4);
  });

  it('that is refused as fast as it may be minted makes its credential refused, until the hour has passed', async () => {
    const client = topics.newClient();
    await topics.register(client);
    const { version } = await topics.proven(client);
    const mintedAt = (ages: number[]) => JSON.stringify(ages.map((age) => Date.now() - age));
    const setMints = (ages: number[]) =>
      broker.sql.query('update token set mints = $2, due_at = least(due_at, 0) where credential_id = $1', [
        client.credentialId,
        mintedAt(ages),
      ]);
    await setMints(Array.from({ length: 10 }, (_, i) => (10 - i) * 120_000));
    await topics.invalidate(client, version);
    const refused = await until('credential.v1 says refused', () => {
      const last = topics.lastCredential(client.credentialId);
      return last?.health === 'refused' ? last : null;
    });
    expect(refused).toMatchObject({ inForce: true, code: 'tokens-refused' });
    expect(vendor.askedFor(client.clientId)).toBe(1);
    await setMints([3_700_000]);
    // A row that was changed behind the broker's back: any command makes it look.
    await topics.invalidate(client, 1);
    await until('another token', () => (topics.lastToken(client)?.version ?? 0) > version);
    await until('credential.v1 says proven', () => topics.lastCredential(client.credentialId)?.health === 'proven');
    expect(vendor.askedFor(client.clientId)).toBe(2);
  });

  it('that the log holds in a newer version than a restored database is minted above that version', async () => {
    const client = topics.newClient();
    await topics.register(client);
    const token = await topics.proven(client);
    const ahead = { ...token, version: token.version + 3_600_000 };
    const key = `${client.credentialId}#restapi`;
    await topics.kafka.producer('control').send(controlMessage(4, 'token.v1', client.tenantId, key, ahead));
    const next = await until('a token that can be opened', async () => {
      const last = topics.lastToken(client);
      return last !== undefined && last.version > ahead.version && (await topics.openToken(client, last)) ? last : null;
    });
    expect(await topics.openToken(client, next)).not.toBe(await topics.openToken(client, token));
  });

  it('that cannot be read does not stand in the way of others', async () => {
    const broken = topics.newClient();
    await topics.register(broken);
    const { version } = await topics.proven(broken);
    await broker.sql.query(`update credential set secret = 'not encrypted' where credential_id = $1`, [
      broken.credentialId,
    ]);
    await topics.invalidate(broken, version);
    await until('the row is put off', async () => {
      const { rows } = await broker.sql.query('select due_at from token where credential_id = $1', [
        broken.credentialId,
      ]);
      return Number((rows as { due_at: string }[])[0]?.due_at) > Date.now() + 30_000;
    });
    const client = topics.newClient();
    await topics.register(client);
    await topics.proven(client);
    expect(vendor.askedFor(broken.clientId)).toBe(1);
  });

  it('is renewed before it expires, without being asked', async () => {
    const client = topics.newClient({ expiresIn: 4 });
    await topics.register(client);
    const first = await topics.proven(client);
    const next = await until('the renewed token', () => {
      const token = topics.lastToken(client);
      return token !== undefined && token.version > first.version ? token : null;
    });
    expect(next.version).toBeLessThan(Date.parse(first.expiresAt));
  });
});

it('leaves no secret and no token in clear: not in the database, not in a topic, not in the log', async () => {
  expect(await broker.placesOf(['planted'])).toEqual([]);
});
