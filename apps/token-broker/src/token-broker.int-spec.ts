import { partitionOf, type CredentialValue, type TokenValue } from '@relay/contracts';
import { controlMessage, type KafkaSettings } from '@relay/kafka';
import { OpeningKeys } from '@relay/sealing';
import { Health, Log, Metrics, buildApp, readConfig } from '@relay/service-kit';
import { fileScope, keyring, testDatabase, testKafka, until } from '@relay/testing';
import { Client } from 'pg';
import { beforeAll, describe, expect, it } from 'vitest';
import { BrokerTopics } from './test-support/broker-topics.js';
import { TokenVendor } from './test-support/token-vendor.js';
import { tokenBroker } from './token-broker.js';

const EXACT_SECRET = 'planted-exact-secret';
const scope = fileScope();
const keys = keyring();
const logLines: string[] = [];
let settings: KafkaSettings;
let databaseUrl = '';
let sql: Client;
let vendor: TokenVendor;
let topics: BrokerTopics;
let broker: { close(): Promise<void> };

async function startBroker(): Promise<{ close(): Promise<void> }> {
  const config = readConfig(tokenBroker.settings, {
    env: {
      ...keys,
      KAFKA_BROKERS: settings.kafkaBrokers.join(','),
      KAFKA_SESSION_TIMEOUT_MS: '6000',
      TOPIC_PREFIX: settings.topicPrefix,
      CONSUMER_GROUP_PREFIX: settings.consumerGroupPrefix,
      TOPIC_PARTITIONS: String(settings.topicPartitions),
      DATABASE_URL: databaseUrl,
      PUBLIC_URL: 'http://127.0.0.1:3000',
      PROVET_ALLOWED_HOSTS: vendor.host,
      PROVET_ALLOW_HTTP: 'true',
      BACKOFF_MIN_MS: '50',
      BACKOFF_MAX_MS: '500',
      EXACT_ENVIRONMENT: 'qa',
      EXACT_TOKEN_URL: `http://${vendor.host}/connect/token`,
      EXACT_API_URL: `http://${vendor.host}`,
      EXACT_CLIENT_ID: 'exact-client',
      EXACT_CLIENT_SECRET: EXACT_SECRET,
      EXACT_SCOPES: 'patient.get,patient.list',
    },
    defaults: { managementPort: 0 },
  });
  const log = Log.create({ service: 'token-broker', level: 'debug', format: 'json', write: (l) => logLines.push(l) });
  const health = new Health();
  const app = await buildApp(tokenBroker, config, { config, log, health, metrics: new Metrics() });
  await app.startAllMicroservices();
  await until('the broker is ready', async () => (await health.ready()).status === 'up', { timeoutMs: 30_000 });
  return app;
}

beforeAll(async () => {
  ({ settings } = await testKafka(scope));
  databaseUrl = (await testDatabase(scope, 'token-broker')).url;
  vendor = await TokenVendor.start(scope);
  vendor.clients.set('exact-client', { secret: EXACT_SECRET, expiresIn: 3600 });
  topics = await BrokerTopics.open(scope, settings, vendor, keys);
  broker = await startBroker();
  scope.onTestFinished(() => broker.close());
  sql = new Client({ connectionString: databaseUrl, options: '-c search_path=token_broker' });
  sql.on('error', () => undefined);
  await sql.connect();
  scope.onTestFinished(() => sql.end());
});

interface StoredCredential {
  readonly stage: string;
  readonly in_force: boolean;
  readonly secret: string | null;
}
async function storedSecret(credentialId: string): Promise<StoredCredential | undefined> {
  const { rows } = await sql.query('select stage, in_force, secret from credential where credential_id = $1', [
    credentialId,
  ]);
  return (rows as StoredCredential[])[0];
}

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
    expect(await storedSecret(first.credentialId)).toMatchObject({ stage: 'replaced', in_force: false, secret: null });
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
      const { rowCount } = await sql.query('select from candidate where credential_id = $1', [client.credentialId]);
      return rowCount === 0;
    });
    expect(topics.credentials.get(client.credentialId)?.length).toBe(1);
    expect(await storedSecret(client.credentialId)).toMatchObject({ stage: 'proven', in_force: true });
    await topics.invalidate(client, topics.lastToken(client)?.version ?? 0);
    await until('another token with the old secret', () => topics.tokensOf(client).length === 2);
  });
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
    const { rows } = await sql.query('select invalid, due_at from token where credential_id = $1', [
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
      sql.query('update token set mints = $2, due_at = least(due_at, 0) where credential_id = $1', [
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
    await sql.query(`update credential set secret = 'not encrypted' where credential_id = $1`, [broken.credentialId]);
    await topics.invalidate(broken, version);
    await until('the row is put off', async () => {
      const { rows } = await sql.query('select due_at from token where credential_id = $1', [broken.credentialId]);
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

describe('a withdrawn tenant', () => {
  it('keeps no secret and no token; when it returns it is a tenant like any other', async () => {
    const client = topics.newClient();
    await topics.register(client);
    await topics.proven(client);
    await topics.hooksRemoved(client, await topics.withdraw(client));
    await until('the tombstone of its token', () => topics.tokensOf(client).at(-1) === null);
    expect(await storedSecret(client.credentialId)).toMatchObject({ stage: 'withdrawn', secret: null });
    expect((await sql.query('select from token where credential_id = $1', [client.credentialId])).rowCount).toBe(0);
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
    await sql.query('update shard set epoch = epoch + 1');
    const client = topics.newClient();
    await topics.register(client);
    await until('the credential is proven', () => topics.lastCredential(client.credentialId)?.health === 'proven', {
      timeoutMs: 30_000,
    });
    const { rows } = await sql.query('select epoch from shard where shard = $1', [partitionOf(client.tenantId, 4)]);
    expect(Number((rows as { epoch: string }[])[0]?.epoch)).toBeGreaterThanOrEqual(3);
  });

  it('leaves what it had begun to the one that comes', async () => {
    const client = topics.newClient();
    vendor.faults.set(client.clientId, 1_000_000);
    await topics.register(client);
    await until('the first tries', () => vendor.askedFor(client.clientId) >= 2);
    const second = await startBroker();
    await broker.close();
    broker = second;
    vendor.faults.set(client.clientId, 0);
    await topics.proven(client);
    expect(topics.credentials.get(client.credentialId)).toHaveLength(1);
  });
});

describe('everywhere', () => {
  it('no secret or token is in clear: not in the database, not in a topic, not in the log', async () => {
    const tables = await sql.query(
      `select table_name from information_schema.tables where table_schema = 'token_broker'`,
    );
    for (const { table_name } of tables.rows as { table_name: string }[]) {
      const { rows } = await sql.query(`select t::text as line from ${table_name} t`);
      for (const { line } of rows as { line: string }[]) expect(line).not.toContain('planted');
    }
    expect(JSON.stringify([...topics.credentials, ...topics.tokens])).not.toContain('planted');
    expect(logLines.join('')).not.toContain('planted');
    expect(logLines.length).toBeGreaterThan(10);
  });

  it('published means seen: every row has been read back', async () => {
    await until('all rows are confirmed', async () => {
      const { rows } = await sql.query(`
        select row_key from credential_state where seen_version is distinct from version
        union all select row_key from token_state where seen_version is distinct from version`);
      return rows.length === 0;
    });
    for (const [key, values] of topics.tokens) {
      const { rows } = await sql.query('select version, value from token_state where row_key = $1', [key]);
      const [row] = rows as { version: string; value: object | null }[];
      expect(values.at(-1)).toEqual(row?.value ?? null);
    }
  });
});
