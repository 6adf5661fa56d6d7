import { Database, lockClassOf } from '@relay/database';
import { OpeningKeys, StorageKeys, generateSealingKeyPair, generateStorageKeys, kidOf } from '@relay/sealing';
import { ConfigError, Log } from '@relay/service-kit';
import { fileScope, keyring, until } from '@relay/testing';
import { beforeAll, describe, expect, it } from 'vitest';
import { AcceptGrant } from '../credentials/accept-grant.js';
import { ENCRYPTED_COLUMNS, exchangeText, nameOf, nextTexts } from '../persistence/encrypted-columns.js';
import type { TestClient } from '../test-support/broker-topics.js';
import { startBroker, type RunningBroker } from '../test-support/running-broker.js';
import { TokenVendor } from '../test-support/token-vendor.js';
import { RENEW_LOCK, RenewColumns } from './renew-columns.js';

/** A key set of several, the newest first. */
const ring = (...sets: string[]) =>
  JSON.stringify({ keys: sets.flatMap((set) => (JSON.parse(set) as { keys: object[] }).keys) });

const scope = fileScope();
const old = {
  ...keyring(),
  STORAGE_KEYS_JWKS: generateStorageKeys('storage-old'),
  ...credentialPair('credential-old'),
  ...tokenPair('token-old'),
};
const fresh = {
  STORAGE_KEYS_JWKS: generateStorageKeys('storage-new'),
  ...credentialPair('credential-new'),
  ...tokenPair('token-new'),
};
const log = Log.create({ service: 'token-broker', level: 'error', format: 'json', write: () => undefined });
const silent = { renewed: () => undefined, left: () => undefined };
const VISIT = 'a-visit-under-way';
let vendor: TokenVendor;
let broker: RunningBroker;
let plain: TestClient;
let consented: TestClient;

function credentialPair(kid: string) {
  const { publicJwks, privateJwks } = generateSealingKeyPair(kid);
  return { CREDENTIAL_PUBLIC_JWKS: publicJwks, CREDENTIAL_PRIVATE_JWKS: privateJwks };
}

function tokenPair(kid: string) {
  const { publicJwks, privateJwks } = generateSealingKeyPair(kid);
  return { PROVET_TOKEN_PUBLIC_JWKS: publicJwks, PROVET_TOKEN_PRIVATE_JWKS: privateJwks };
}

async function plantVisit(state: string, secrets: string): Promise<void> {
  await broker.sql.query(
    `insert into consent_state (sha256, invite_sha256, tenant_id, credential_id, browser_sha256, secrets, expires_at)
     values ($1, 'i', 't', 'c', 'b', $2, 9999999999999)`,
    [state, secrets],
  );
}

/** Which keys the database needs, column by column. */
async function kidsStored(): Promise<Record<string, (string | null)[]>> {
  const found: Record<string, (string | null)[]> = {};
  for (const column of ENCRYPTED_COLUMNS) {
    const { rows } = await broker.sql.query<{ text: string }>(
      `select ${column.column} as text from ${column.table} where ${column.column} is not null`,
    );
    found[nameOf(column)] = [...new Set(rows.map(({ text }) => kidOf(text)))];
  }
  return found;
}

async function start(over: Readonly<Record<string, string>>): Promise<void> {
  await broker.stop();
  broker = await broker.next(over);
}

async function refusal(over: Readonly<Record<string, string>>): Promise<readonly string[]> {
  await broker.stop();
  const error: unknown = await broker.next(over).then(
    async (started) => {
      await started.stop();
      return null;
    },
    (reason: unknown) => reason,
  );
  if (!(error instanceof ConfigError)) throw new Error('it was not refused', { cause: error });
  return error.problems;
}

beforeAll(async () => {
  vendor = await TokenVendor.start(scope);
  broker = await startBroker(scope, vendor, old);
  const { topics } = broker;
  plain = topics.newClient();
  await topics.register(plain);
  await topics.proven(plain);
  consented = topics.newClient();
  vendor.refreshes.set(consented.clientId, [{ refresh_token: 'planted-refresh-2' }]);
  await topics.register(consented, { authorization_grant_type: 'authorization_code' });
  await until('it waits for consent', () => {
    return topics.lastCredential(consented.credentialId)?.health === 'awaiting-consent';
  });
  // A second one goes on waiting: its candidate keeps a secret.
  const waiting = topics.newClient();
  await topics.register(waiting, { authorization_grant_type: 'authorization_code' });
  const pair = {
    accessToken: 'planted-token-0',
    refreshToken: 'planted-refresh-1',
    expiresIn: 36_000,
    scope: 'restapi',
  };
  await broker.get(AcceptGrant).accept(consented.credentialId, { ...pair, consentedBy: 'Ada Manager' });
  await topics.proven(consented);
  await until('the other one is stored', async () => (await kidsStored())['candidate.secret']?.length === 1);
  await plantVisit(VISIT, await StorageKeys.parse(old.STORAGE_KEYS_JWKS).encrypt('{}', { state: VISIT }));
});

describe('keys of the token-broker', () => {
  it('encrypt every column anew and seal every token anew, without asking a vendor', async () => {
    const all = Object.fromEntries(ENCRYPTED_COLUMNS.map((column) => [nameOf(column), ['storage-old']]));
    expect(await kidsStored()).toEqual(all);
    const before = { asked: vendor.requests.length, token: broker.topics.lastToken(plain) };
    await start({
      STORAGE_KEYS_JWKS: ring(fresh.STORAGE_KEYS_JWKS, old.STORAGE_KEYS_JWKS),
      CREDENTIAL_PRIVATE_JWKS: ring(fresh.CREDENTIAL_PRIVATE_JWKS, old.CREDENTIAL_PRIVATE_JWKS),
      PROVET_TOKEN_PUBLIC_JWKS: ring(fresh.PROVET_TOKEN_PUBLIC_JWKS, old.PROVET_TOKEN_PUBLIC_JWKS),
    });
    await until('everything is under the new key', async () => {
      return Object.values(await kidsStored()).every((kids) => kids.join() === 'storage-new');
    });
    const { topics } = broker;
    for (const client of [plain, consented]) {
      await until('its token is sealed anew', () => kidOf(topics.lastToken(client)?.sealed ?? '') === 'token-new');
    }
    const token = topics.lastToken(plain);
    expect(token?.version).toBeGreaterThan(before.token?.version ?? 0);
    const context = {
      topic: 'token.v1',
      tenantId: plain.tenantId,
      credentialId: plain.credentialId,
      host: vendor.host,
    };
    const opened = await OpeningKeys.parse(fresh.PROVET_TOKEN_PRIVATE_JWKS).open(token?.sealed ?? '', {
      ...context,
      version: token?.version ?? 0,
    });
    if (before.token === undefined) throw new Error('no token');
    expect(opened).toBe(await topics.openToken(plain, before.token));
    expect(vendor.requests).toHaveLength(before.asked);
    const metrics = await broker.metrics.registry.metrics();
    expect(metrics).toMatch(/relay_token_broker_rekeyed_total\{what="token\.v1"\} 2/);
    expect(metrics).toMatch(/relay_token_broker_rekeyed_total\{what="refresh_grant\.refresh_token"\} 1/);
    await until('nothing is left', async () =>
      /rekey_left\{what="consent_state\.secrets"\} 0/.test(await broker.metrics.registry.metrics()),
    );
  });

  it('go on without the old ones: a refusal of the token before means nothing, a refresh works', async () => {
    await start({
      STORAGE_KEYS_JWKS: fresh.STORAGE_KEYS_JWKS,
      PROVET_TOKEN_PUBLIC_JWKS: fresh.PROVET_TOKEN_PUBLIC_JWKS,
    });
    const { topics } = broker;
    const versions = topics.tokensOf(consented).map((token) => token?.version ?? 0);
    const asked = vendor.askedFor(consented.clientId);
    await topics.invalidate(consented, versions[0] ?? 0);
    await topics.settled(consented.tenantId);
    expect(vendor.askedFor(consented.clientId)).toBe(asked);
    await topics.invalidate(consented, topics.lastToken(consented)?.version ?? 0);
    await until('it is refreshed', () => vendor.askedFor(consented.clientId) === asked + 1);
    await until('the new one is published', () => {
      return (topics.lastToken(consented)?.version ?? 0) > Math.max(...versions);
    });
    expect((await kidsStored())['refresh_grant.refresh_token']).toEqual(['storage-new']);
  });

  it('are exchanged in pages, by one process at a time, and by the next one when one has ended in the middle', async () => {
    const before = generateStorageKeys('page-old');
    const newest = StorageKeys.parse(ring(fresh.STORAGE_KEYS_JWKS, before));
    const older = StorageKeys.parse(before);
    const states = ['p1', 'p2', 'p3', 'p4', 'p5'];
    for (const state of states) await plantVisit(state, await older.encrypt(state, { state }));
    const database = broker.get(Database);
    const renew = (over: object = {}) =>
      new RenewColumns({ database, storage: newest, progress: silent, log, pauseMs: 0, ...over });
    const stop = new AbortController();
    const renewed: number[] = [];
    const progress = {
      renewed: (what: string, count: number) => {
        if (what !== 'consent_state.secrets' || count === 0) return;
        renewed.push(count);
        if (renewed.length === 2) stop.abort();
      },
      left: () => undefined,
    };
    await renew({ pageRows: 1, progress }).round(stop.signal);
    expect(renewed).toEqual([1, 1]);
    const going = new AbortController().signal;
    // Another process holds the lock: nothing is done beside it.
    await broker.sql.query('begin');
    await broker.sql.query('select pg_advisory_xact_lock($1, $2)', [lockClassOf('token-broker'), RENEW_LOCK]);
    expect(await renew().round(going)).toBeNull();
    await broker.sql.query('rollback');
    expect(await renew({ pageRows: 2 }).round(going)).toBe(3);
    expect(await renew().round(going)).toBe(0);
    const column = ENCRYPTED_COLUMNS.at(-1);
    if (column === undefined) throw new Error('no column');
    const [first] = await nextTexts(database, column, null, 1);
    if (first === undefined) throw new Error('no row');
    // Somebody has written it since it was read.
    expect(await exchangeText(database, column, { ...first, text: 'read before' }, 'mine')).toBe(false);
    expect(await nextTexts(database, column, null, 1)).toEqual([first]);
    await broker.sql.query('delete from consent_state where sha256 = any($1)', [states]);
  });

  it('are refused at the start when the database still needs one that is gone, with what needs it', async () => {
    const problems = await refusal({ STORAGE_KEYS_JWKS: generateStorageKeys('another') });
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(/STORAGE_KEYS_JWKS lacks the key storage-new.*credential\.secret \(2\)/);
    expect(problems[0]).toMatch(/refresh_grant\.refresh_token \(1\).*npm run keys -- status/);
    // One that was encrypted with nothing readable stands in nobody's way.
    await broker.sql.query(`update consent_state set secrets = 'no.seal.at.all.x' where sha256 = $1`, [VISIT]);
    broker = await broker.next({ STORAGE_KEYS_JWKS: fresh.STORAGE_KEYS_JWKS });
    await until('it is told of', () => broker.logLines.join().includes('no storage key opens this'));
  });

  it('are refused when a registration waits that needs one, which is taken in once it is back', async () => {
    await broker.stop();
    const { topics } = broker;
    const late = topics.newClient();
    await topics.register(late);
    const problems = await refusal({ CREDENTIAL_PRIVATE_JWKS: fresh.CREDENTIAL_PRIVATE_JWKS });
    expect(problems).toEqual([
      expect.stringMatching(
        new RegExp(`CREDENTIAL_PRIVATE_JWKS lacks the key credential-old.*hookup\\.v1.*${late.tenantId}`),
      ),
    ]);
    await start({ CREDENTIAL_PRIVATE_JWKS: ring(fresh.CREDENTIAL_PRIVATE_JWKS, old.CREDENTIAL_PRIVATE_JWKS) });
    await topics.proven(late);
    await topics.settled(late.tenantId);
    await start({ CREDENTIAL_PRIVATE_JWKS: fresh.CREDENTIAL_PRIVATE_JWKS });
    expect(topics.deadLetters).toEqual([]);
  });
});
