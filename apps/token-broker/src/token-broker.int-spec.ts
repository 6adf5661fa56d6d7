import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  hookupValueOf,
  partitionOf,
  readHookupMessage,
  topicsOf,
  type CredentialValue,
  type HookupValue,
  type TenantValue,
  type TokenValue,
} from '@relay/contracts';
import { RelayKafka, controlMessage, type KafkaSettings, type Received } from '@relay/kafka';
import { OpeningKeys, SealingKeys } from '@relay/sealing';
import { Health, Log, Metrics, buildApp, readConfig } from '@relay/service-kit';
import { fileScope, keyring, provetTenant, testDatabase, testKafka, until } from '@relay/testing';
import { Client } from 'pg';
import { beforeAll, describe, expect, it } from 'vitest';
import { tokenBroker } from './token-broker.js';

const scope = fileScope();
const keys = keyring();
const EXACT_SECRET = 'planted-exact-secret';
const logLines: string[] = [];
const credentials = new Map<string, CredentialValue[]>();
const tokens = new Map<string, (TokenValue | null)[]>();
const hookupTombstones = new Set<string>();
const deadLetters: Received<unknown>[] = [];
let kafka: RelayKafka;
let settings: KafkaSettings;
let broker: { close(): Promise<void> };
let databaseUrl = '';
let sql: Client;

/** A vendor's token endpoint: accepts the pairs it knows, and answers for others what a test has put in its way. */
const vendor = {
  host: '',
  clients: new Map<string, { secret: string; expiresIn: number }>(),
  faults: new Map<string, number>(),
  requests: [] as { client: string; body: string }[],
  issued: 0,
  askedFor(client: string): number {
    return this.requests.filter((request) => request.client === client).length;
  },
};

async function startVendor(): Promise<void> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString();
      const pair = Buffer.from((request.headers.authorization ?? '').replace('Basic ', ''), 'base64').toString();
      const [client = '', secret = ''] = pair.split(':').map(decodeURIComponent);
      vendor.requests.push({ client, body });
      const answer = (status: number, value: object) => {
        response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
      };
      const faults = vendor.faults.get(client) ?? 0;
      if (faults > 0) {
        vendor.faults.set(client, faults - 1);
        return answer(503, { error: 'invalid_client' });
      }
      const known = vendor.clients.get(client);
      if (known?.secret !== secret) return answer(401, { error: 'invalid_client' });
      const token = `planted-token-${(vendor.issued += 1)}`;
      return answer(200, { access_token: token, expires_in: known.expiresIn, token_type: 'Bearer' });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  scope.onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  vendor.host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

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
      EXACT_SCOPES: 'patient.get,appointment.list',
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
  await startVendor();
  vendor.clients.set('exact-client', { secret: EXACT_SECRET, expiresIn: 3600 });
  kafka = new RelayKafka({ service: 'token-broker', settings, topics: topicsOf('token-broker') });
  scope.onTestFinished(() => kafka.close());
  await kafka.topicsReady();
  const reader = kafka.tableReader({
    topics: ['credential.v1', 'token.v1', 'hookup.v1', 'dead-letter.v1'],
    onBatch: async (batch) => {
      for (const message of batch.messages) await Promise.resolve(note(batch.topic, message));
    },
  });
  await reader.loaded;
  broker = await startBroker();
  scope.onTestFinished(() => broker.close());
  sql = new Client({ connectionString: databaseUrl, options: '-c search_path=token_broker' });
  sql.on('error', () => undefined);
  await sql.connect();
  scope.onTestFinished(() => sql.end());
});

function note(topic: string, message: Received<unknown>): void {
  if (topic === 'dead-letter.v1') deadLetters.push(message);
  else if (topic === 'hookup.v1') {
    if (message.value === null) hookupTombstones.add(message.key);
  } else if (topic === 'token.v1') {
    tokens.set(message.key, [...(tokens.get(message.key) ?? []), message.value as TokenValue | null]);
  } else credentials.set(message.key, [...(credentials.get(message.key) ?? []), message.value as CredentialValue]);
}

/** A tenant and a client of its own, known to the vendor. */
let nextId = 100;
function newClient({ expiresIn = 36_000, clientId = `client-${nextId}` } = {}) {
  const provetId = nextId++;
  const secret = `planted-secret-${provetId}`;
  vendor.clients.set(clientId, { secret, expiresIn });
  const tenantId = `provet:${vendor.host}:${provetId}`;
  return { provetId, clientId, secret, tenantId, credentialId: `${tenantId}/${clientId}` };
}
type Client_ = ReturnType<typeof newClient>;

async function hookupValue(client: Client_, over: Record<string, unknown> = {}): Promise<HookupValue> {
  const base = `http://${vendor.host}/${client.provetId}/oauth2`;
  const message = {
    provet_id: client.provetId,
    client_id: client.clientId,
    client_secret: client.secret,
    algorithm: null,
    authorization_grant_type: 'client_credentials',
    client_type: 'confidential',
    redirect_uris: '',
    token_url: `${base}/token/`,
    authorize_url: `${base}/authorize/`,
    openid_autodiscovery_url: null,
    ...over,
  };
  const verdict = readHookupMessage(message, { allowHttp: true, hostAllowed: () => true });
  if (verdict.kind !== 'accepted') throw new Error(JSON.stringify(verdict));
  const { tenantId, credentialId, host, clientSecret } = verdict.hookup;
  const seal = SealingKeys.parse(keys.CREDENTIAL_PUBLIC_JWKS);
  const sealed =
    clientSecret === null ? null : await seal.seal(clientSecret, { topic: 'hookup.v1', tenantId, credentialId, host });
  return hookupValueOf(verdict.hookup, sealed, 'hookup', new Date());
}

async function sendHookup(value: HookupValue): Promise<void> {
  const { tenantId, credentialId } = value;
  await kafka.producer('control').send(controlMessage(4, 'hookup.v1', tenantId, credentialId, value));
}
async function register(client: Client_, over: Record<string, unknown> = {}): Promise<void> {
  await sendHookup(await hookupValue(client, over));
}
async function invalidate(client: Client_, version: number, times = 1): Promise<void> {
  const { tenantId, credentialId } = client;
  const command = {
    credentialId,
    scopes: 'restapi',
    command: 'invalidated',
    version,
    at: new Date().toISOString(),
  } as const;
  const message = controlMessage(4, 'token-command.v1', tenantId, tenantId, command);
  await kafka.producer('control').sendMany(Array.from({ length: times }, () => message));
}
/** Waits until the broker has handled whatever was sent to the tenant's shard before. */
async function settled(tenantId: string): Promise<void> {
  const partition = partitionOf(tenantId, 4);
  for (const topic of ['hookup.v1', 'token-command.v1']) {
    const end = (await kafka.endOffsets(topic)).get(partition) ?? 0n;
    await until(`${topic} read to its end`, async () => {
      return ((await kafka.committedOffsets('token-broker', topic)).get(partition) ?? 0n) >= end || end === 0n;
    });
  }
}

const lastCredential = (id: string) => credentials.get(id)?.at(-1);
const tokensOf = ({ credentialId }: Client_) => tokens.get(`${credentialId}#restapi`) ?? [];
const lastToken = (client: Client_) => tokensOf(client).at(-1) ?? undefined;
const proven = (client: Client_) =>
  until('the credential is proven', () => {
    const last = lastCredential(client.credentialId);
    return last?.health === 'proven' && last.inForce ? lastToken(client) : null;
  });
async function openToken(client: Client_, value: TokenValue): Promise<string> {
  const { tenantId, credentialId } = client;
  const context = { topic: 'token.v1', tenantId, credentialId, version: value.version, host: vendor.host };
  return OpeningKeys.parse(keys.PROVET_TOKEN_PRIVATE_JWKS).open(value.sealed, context);
}
async function storedSecret(
  credentialId: string,
): Promise<{ stage: string; in_force: boolean; secret: string | null } | undefined> {
  const { rows } = await sql.query('select stage, in_force, secret from credential where credential_id = $1', [
    credentialId,
  ]);
  return rows[0] as { stage: string; in_force: boolean; secret: string | null } | undefined;
}

describe('a registration', () => {
  it('becomes a proven credential with a sealed token, and its sealed secret leaves the topic', async () => {
    const client = newClient({ clientId: 'id with: colon/and%é' });
    await register(client);
    const token = await proven(client);
    expect(await openToken(client, token)).toMatch(/^planted-token-\d+$/);
    const credential = lastCredential(client.credentialId) as CredentialValue;
    expect(credential).toMatchObject({ tenantId: client.tenantId, code: null, expiresAt: token.expiresAt });
    expect(Math.round((Date.parse(token.expiresAt) - Date.now()) / 60_000)).toBe(600);
    await until('the tombstone', () => hookupTombstones.has(client.credentialId));
    const form = new URLSearchParams(vendor.requests.find((one) => one.client === client.clientId)?.body);
    expect(Object.fromEntries(form)).toEqual({ grant_type: 'client_credentials', scope: 'restapi' });
  });

  it('that comes again, in whatever spelling, makes no second token request', async () => {
    const client = newClient();
    const value = await hookupValue(client);
    await sendHookup(value);
    await proven(client);
    await sendHookup(value);
    await register(client, { authorization_grant_type: 'client-credentials' });
    await settled(client.tenantId);
    const marker = newClient();
    await register(marker);
    await proven(marker);
    expect(vendor.askedFor(client.clientId)).toBe(1);
  });

  it('with a wrong secret is rejected with the word of the vendor', async () => {
    const client = newClient();
    await register(client, { client_secret: 'planted-wrong' });
    const credential = await until('the verdict', () => lastCredential(client.credentialId));
    expect(credential).toMatchObject({ health: 'rejected', inForce: false, code: 'invalid_client' });
    expect(tokensOf(client)).toEqual([]);
    await register(client);
    await proven(client);
    expect(vendor.askedFor(client.clientId)).toBe(2);
  });

  it('without a secret, or with the grant that needs a person, waits for nobody', async () => {
    const bare = newClient();
    await register(bare, { client_secret: null });
    const rejected = await until('the verdict', () => lastCredential(bare.credentialId));
    expect(rejected).toMatchObject({ health: 'rejected', inForce: false, code: 'no-secret' });
    const person = newClient();
    await register(person, { authorization_grant_type: 'authorization_code' });
    const waiting = await until('the verdict', () => lastCredential(person.credentialId));
    expect(waiting).toMatchObject({ health: 'awaiting-consent', inForce: false });
    expect(vendor.askedFor(bare.clientId) + vendor.askedFor(person.clientId)).toBe(0);
  });

  it('is tried again while the vendor is away, whatever body the vendor answers with', async () => {
    const client = newClient();
    vendor.faults.set(client.clientId, 3);
    await register(client);
    await proven(client);
    expect(vendor.askedFor(client.clientId)).toBe(4);
    expect(credentials.get(client.credentialId)?.map(({ health }) => health)).toEqual(['proven']);
  });

  it('that does not agree with itself is put aside and never called', async () => {
    const client = newClient();
    const value = await hookupValue(client);
    const evil = `http://127.0.0.1:1/${client.provetId}/oauth2/token/`;
    await sendHookup({ ...value, registration: { ...value.registration, token_url: evil } });
    const letter = await until('the dead letter', () => deadLetters.find(({ key }) => key === client.credentialId));
    expect(letter.headers['dlq-cause']).toContain('hookup-inconsistent');
    expect(letter.rawValue?.toString()).not.toContain(value.registration.client_secret);
    expect(vendor.askedFor(client.clientId)).toBe(0);
  });
});

describe('a rotation', () => {
  it('leaves the old credential in force until the new one is proven, then destroys its secret', async () => {
    const first = newClient();
    await register(first);
    await proven(first);
    const second = { ...first, clientId: `${first.clientId}-b`, credentialId: `${first.credentialId}-b` };
    vendor.faults.set(second.clientId, 2);
    vendor.clients.set(second.clientId, { secret: first.secret, expiresIn: 36_000 });
    await register(second);
    await proven(second);
    await until('the old one is out of force', () => lastCredential(first.credentialId)?.inForce === false);
    expect(await storedSecret(first.credentialId)).toMatchObject({ stage: 'replaced', in_force: false, secret: null });
    // The syncs use the old token until the registry has named the new credential.
    expect(lastToken(first)).toBeDefined();
  });

  it('to a wrong secret changes nothing for the credential that works', async () => {
    const client = newClient();
    await register(client);
    await proven(client);
    await register(client, { client_secret: 'planted-wrong' });
    await until('the vendor was asked', () => vendor.askedFor(client.clientId) === 2);
    await until('the candidate is gone', async () => {
      const { rowCount } = await sql.query('select from candidate where credential_id = $1', [client.credentialId]);
      return rowCount === 0;
    });
    expect(credentials.get(client.credentialId)?.length).toBe(1);
    expect(await storedSecret(client.credentialId)).toMatchObject({ stage: 'proven', in_force: true });
    await invalidate(client, lastToken(client)?.version ?? 0);
    await until('another token with the old secret', () => tokensOf(client).length === 2);
  });
});

describe('a token', () => {
  it('that the vendor refused is minted once, however often that is said', async () => {
    const client = newClient();
    await register(client);
    const { version } = await proven(client);
    await invalidate(client, version, 1000);
    const next = await until('the next token', () => {
      const token = lastToken(client);
      return token !== undefined && token.version > version ? token : null;
    });
    await invalidate(client, version, 100);
    await settled(client.tenantId);
    expect(vendor.askedFor(client.clientId)).toBe(2);
    // The old version was named once more, so the present one is published once more.
    await until(
      'the present token again',
      () => tokensOf(client).filter((t) => t?.version === next.version).length >= 2,
    );
    expect(vendor.askedFor(client.clientId)).toBe(2);
    expect(await openToken(client, next)).not.toBe(await openToken(client, tokensOf(client)[0] as TokenValue));
  });

  it('is minted three times at once and then not for a while', async () => {
    const client = newClient();
    await register(client);
    let { version } = await proven(client);
    for (let round = 1; round <= 3; round++) {
      await invalidate(client, version);
      const before = version;
      version = await until(`mint ${round}`, () => {
        const now = lastToken(client)?.version ?? 0;
        return now > before ? now : 0;
      });
    }
    await invalidate(client, version);
    await settled(client.tenantId);
    const { rows } = await sql.query('select invalid, due_at from token where credential_id = $1', [
      client.credentialId,
    ]);
    const [row] = rows as { invalid: boolean; due_at: string }[];
    expect(row?.invalid).toBe(true);
    expect(Number(row?.due_at)).toBeGreaterThan(Date.now() + 20_000);
    expect(vendor.askedFor(client.clientId)).toBe(4);
  });

  it('that is refused as fast as it may be minted makes its credential refused, until the hour has passed', async () => {
    const client = newClient();
    await register(client);
    const { version } = await proven(client);
    const mintedAt = (ages: number[]) => JSON.stringify(ages.map((age) => Date.now() - age));
    const setMints = (ages: number[]) =>
      sql.query('update token set mints = $2, due_at = least(due_at, 0) where credential_id = $1', [
        client.credentialId,
        mintedAt(ages),
      ]);
    await setMints(Array.from({ length: 10 }, (_, i) => (10 - i) * 120_000));
    await invalidate(client, version);
    const refused = await until('credential.v1 says refused', () => {
      const last = lastCredential(client.credentialId);
      return last?.health === 'refused' ? last : null;
    });
    expect(refused).toMatchObject({ inForce: true, code: 'tokens-refused' });
    expect(vendor.askedFor(client.clientId)).toBe(1);
    await setMints([3_700_000]);
    // A row that was changed behind the broker's back: any command makes it look.
    await invalidate(client, 1);
    await until('another token', () => (lastToken(client)?.version ?? 0) > version);
    await until('credential.v1 says proven', () => lastCredential(client.credentialId)?.health === 'proven');
    expect(vendor.askedFor(client.clientId)).toBe(2);
  });

  it('that the log holds in a newer version than a restored database is minted above that version', async () => {
    const client = newClient();
    await register(client);
    const token = await proven(client);
    const ahead = { ...token, version: token.version + 3_600_000 };
    const key = `${client.credentialId}#restapi`;
    await kafka.producer('control').send(controlMessage(4, 'token.v1', client.tenantId, key, ahead));
    const next = await until('a token that can be opened', async () => {
      const last = lastToken(client);
      return last !== undefined && last.version > ahead.version && (await openToken(client, last)) ? last : null;
    });
    expect(await openToken(client, next)).not.toBe(await openToken(client, token));
  });

  it('that cannot be read does not stand in the way of others', async () => {
    const broken = newClient();
    await register(broken);
    const { version } = await proven(broken);
    await sql.query(`update credential set secret = 'not encrypted' where credential_id = $1`, [broken.credentialId]);
    await invalidate(broken, version);
    await until('the row is put off', async () => {
      const { rows } = await sql.query('select due_at from token where credential_id = $1', [broken.credentialId]);
      return Number((rows as { due_at: string }[])[0]?.due_at) > Date.now() + 30_000;
    });
    const client = newClient();
    await register(client);
    await proven(client);
    expect(vendor.askedFor(broken.clientId)).toBe(1);
  });

  it('is renewed before it expires, without being asked', async () => {
    const client = newClient({ expiresIn: 4 });
    await register(client);
    const first = await proven(client);
    const next = await until('the renewed token', () => {
      const token = lastToken(client);
      return token !== undefined && token.version > first.version ? token : null;
    });
    expect(next.version).toBeLessThan(Date.parse(first.expiresAt));
  });
});

describe('a withdrawn tenant', () => {
  it('keeps no secret and no token; when it returns it is a tenant like any other', async () => {
    const client = newClient();
    await register(client);
    await proven(client);
    const tenant: TenantValue = { ...provetTenant(), tenantId: client.tenantId, state: 'withdrawn', reason: null };
    const withdrawn = { ...tenant, changedAt: new Date().toISOString() };
    await kafka.producer('control').send(controlMessage(4, 'tenant.v1', client.tenantId, client.tenantId, withdrawn));
    await until('the tombstone of its token', () => tokensOf(client).at(-1) === null);
    expect(await storedSecret(client.credentialId)).toMatchObject({ stage: 'withdrawn', secret: null });
    expect((await sql.query('select from token where credential_id = $1', [client.credentialId])).rowCount).toBe(0);
    await until('credential.v1 says so', () => lastCredential(client.credentialId)?.inForce === false);
    await register(client);
    await proven(client);
    const versions = tokensOf(client).flatMap((token) => (token === null ? [] : [token.version]));
    expect(versions).toEqual([...versions].sort((a, b) => a - b));
  });
});

describe('the EXACT client', () => {
  it('is taken from the environment: one token for the whole scope set, sealed to the other connector', async () => {
    const scopes = 'appointment.list patient.get';
    const credentialId = 'exact:qa/exact-client';
    const token = await until('its token', () => tokens.get(`${credentialId}#${scopes}`)?.at(-1));
    expect(lastCredential(credentialId)).toMatchObject({ tenantId: 'exact:qa', health: 'proven', inForce: true });
    const context = { topic: 'token.v1', tenantId: 'exact:qa', credentialId, version: token.version };
    expect(await OpeningKeys.parse(keys.EXACT_TOKEN_PRIVATE_JWKS).open(token.sealed, context)).toContain(
      'planted-token',
    );
    expect(new URLSearchParams(vendor.requests.find((one) => one.client === 'exact-client')?.body).get('scope')).toBe(
      scopes,
    );
  });
});

describe('a process that loses a shard', () => {
  it('commits nothing for it and goes on once it has taken it again', async () => {
    await sql.query('update shard set epoch = epoch + 1');
    const client = newClient();
    await register(client);
    await until('the credential is proven', () => lastCredential(client.credentialId)?.health === 'proven', {
      timeoutMs: 30_000,
    });
    const { rows } = await sql.query('select epoch from shard where shard = $1', [partitionOf(client.tenantId, 4)]);
    expect(Number((rows as { epoch: string }[])[0]?.epoch)).toBeGreaterThanOrEqual(3);
  });

  it('leaves what it had begun to the one that comes', async () => {
    const client = newClient();
    vendor.faults.set(client.clientId, 1_000_000);
    await register(client);
    await until('the first tries', () => vendor.askedFor(client.clientId) >= 2);
    const second = await startBroker();
    await broker.close();
    broker = second;
    vendor.faults.set(client.clientId, 0);
    await proven(client);
    expect(credentials.get(client.credentialId)).toHaveLength(1);
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
    expect(JSON.stringify([...credentials, ...tokens])).not.toContain('planted');
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
    for (const [key, values] of tokens) {
      const { rows } = await sql.query('select version, value from token_state where row_key = $1', [key]);
      const [row] = rows as { version: string; value: object | null }[];
      expect(values.at(-1)).toEqual(row?.value ?? null);
    }
  });
});
