import { topicsOf, type TokenCommandValue } from '@relay/contracts';
import { RelayKafka, controlMessage } from '@relay/kafka';
import { SealingKeys, generateSealingKeyPair } from '@relay/sealing';
import { testKafka, until, type TestScope } from '@relay/testing';
import { describe, expect, it } from 'vitest';
import { missingTokenKeys } from './missing-keys.js';
import { TokenTable, ownerOf } from './token-table.js';

const OWNER = 'exact:qa';
const CREDENTIAL = `${OWNER}/client-1`;
const SCOPES = 'a b';
const silent = { debug() {}, info() {}, warn() {}, error() {} };

async function table(scope: TestScope) {
  const { settings } = await testKafka(scope);
  const kafka = new RelayKafka({ service: 'exact-sync', settings, topics: topicsOf('exact-sync') });
  await kafka.topicsReady();
  const pair = generateSealingKeyPair();
  const tokens = new TokenTable(kafka, pair.privateJwks, silent);
  const commands: TokenCommandValue[] = [];
  const reader = kafka.tableReader({
    topics: ['token-command.v1'],
    onBatch: ({ messages }) => {
      for (const { value } of messages) commands.push(value as TokenCommandValue);
    },
  });
  scope.onTestFinished(async () => {
    await reader.close();
    await tokens.close();
    await kafka.close();
  });
  const publish = async (version: number, credentialId = CREDENTIAL, jwks = pair.publicJwks): Promise<void> => {
    const context = { topic: 'token.v1', tenantId: OWNER, credentialId, version };
    const sealed = await SealingKeys.parse(jwks).seal(`token-${version}`, context);
    const expiresAt = new Date(Date.now() + 3_600_000 + version).toISOString();
    const value = { credentialId, scopes: SCOPES, version, expiresAt, sealed };
    const key = `${credentialId}#${SCOPES}`;
    await kafka.producer('control').send(controlMessage(kafka.partitions, 'token.v1', OWNER, key, value));
  };
  /** Puts a token where it was not sealed for, as somebody might who can write to the topic. */
  const move = async (from: { credentialId: string; version: number }, to: typeof from): Promise<void> => {
    const tenantId = ownerOf(from.credentialId);
    const sealed = await SealingKeys.parse(pair.publicJwks).seal('moved', { topic: 'token.v1', tenantId, ...from });
    const value = { ...to, scopes: SCOPES, expiresAt: new Date(Date.now() + 3_600_000).toISOString(), sealed };
    const owner = ownerOf(to.credentialId);
    const message = controlMessage(kafka.partitions, 'token.v1', owner, `${to.credentialId}#${SCOPES}`, value);
    await kafka.producer('control').send(message);
  };
  return { tokens, commands, publish, move };
}

describe('TokenTable', () => {
  it('hands out the newest token that the vendor has not refused, and tells of a refusal once', async (scope) => {
    const { tokens, commands, publish } = await table(scope);
    await publish(1);
    const owners: string[] = [];
    tokens.onChange((owner) => owners.push(owner));
    tokens.start();
    await until('the table is loaded', () => tokens.isLoaded);
    expect(tokens.token(CREDENTIAL, SCOPES)).toMatchObject({ value: 'token-1', version: 1 });
    expect(tokens.token(CREDENTIAL, 'a')).toBeNull();
    expect(tokens.tokenOf(OWNER, SCOPES)).toMatchObject({ value: 'token-1', credentialId: CREDENTIAL });
    expect(tokens.tokenOf('exact:production', SCOPES)).toBeNull();

    await Promise.all([1, 2, 3].map(() => tokens.refused(OWNER, CREDENTIAL, SCOPES, 1)));
    expect(tokens.token(CREDENTIAL, SCOPES)).toBeNull();
    expect(tokens.tokenOf(OWNER, SCOPES)).toBeNull();
    await publish(2);
    await until('a newer one', () => tokens.token(CREDENTIAL, SCOPES)?.version === 2);
    await tokens.refused(OWNER, CREDENTIAL, SCOPES, 1);
    expect(tokens.token(CREDENTIAL, SCOPES)?.value).toBe('token-2');
    await tokens.refused(OWNER, CREDENTIAL, SCOPES, 2);
    await until('the broker was told', () => commands.length >= 2);
    expect(commands.map(({ version, command }) => [version, command])).toEqual([
      [1, 'invalidated'],
      [2, 'invalidated'],
    ]);
    expect(owners).toEqual([OWNER, OWNER]);
  });

  it('takes no token that was moved: not to another client, another owner, or a newer version', async (scope) => {
    const { tokens, publish, move } = await table(scope);
    await publish(5);
    await move({ credentialId: `${OWNER}/client-2`, version: 6 }, { credentialId: CREDENTIAL, version: 6 });
    await move({ credentialId: CREDENTIAL, version: 5 }, { credentialId: CREDENTIAL, version: 7 });
    await move({ credentialId: CREDENTIAL, version: 8 }, { credentialId: 'exact:production/client-1', version: 8 });
    await move({ credentialId: `${OWNER}/client-9`, version: 9 }, { credentialId: `${OWNER}/client-9`, version: 9 });
    tokens.start();
    await until('the table is loaded', () => tokens.isLoaded);
    expect(tokens.token(`${OWNER}/client-9`, SCOPES)?.value).toBe('moved');
    expect(tokens.token(CREDENTIAL, SCOPES)).toMatchObject({ value: 'token-5', version: 5 });
    expect(tokens.token('exact:production/client-1', SCOPES)).toBeNull();
  });

  it('says which keys live tokens of a vendor need that are not here', async (scope) => {
    const { tokens, publish } = await table(scope);
    const other = generateSealingKeyPair('not-here');
    const { publicJwks: gone } = generateSealingKeyPair('gone-by');
    await publish(1, `${OWNER}/client-2`, other.publicJwks);
    await publish(1, `${OWNER}/client-3`, gone);
    await publish(2, `${OWNER}/client-3`);
    await publish(-7_200_000, `${OWNER}/client-4`, gone);
    expect(await missingTokenKeys(tokens, 'exact')).toEqual([
      expect.stringMatching(/^EXACT_TOKEN_PRIVATE_JWKS lacks the key not-here, which tokens of 1 credentials/),
    ]);
    expect(await missingTokenKeys(tokens, 'provet')).toEqual([]);
    await publish(2, `${OWNER}/client-2`);
    await until('it is sealed to a key that is here', () => tokens.unopened('exact', Date.now()).length === 0);
  });

  it('leaves alone what is sealed to another key', async (scope) => {
    const { tokens, publish } = await table(scope);
    const other = generateSealingKeyPair();
    await publish(1, `${OWNER}/client-2`, other.publicJwks);
    await publish(1);
    tokens.start();
    await until('the table is loaded', () => tokens.isLoaded);
    expect(tokens.token(`${OWNER}/client-2`, SCOPES)).toBeNull();
    expect(tokens.token(CREDENTIAL, SCOPES)?.value).toBe('token-1');
  });
});
