import { createHash, createPrivateKey, createPublicKey } from 'node:crypto';
import { OpeningKeys, SealingKeys, StorageKeys } from '@relay/sealing';
import { describe, expect, it } from 'vitest';
import { freshKeyring, parseKeyring, renderKeyring } from './keyring.ts';

const PAIRS = ['CREDENTIAL', 'PROVET_TOKEN', 'EXACT_TOKEN'] as const;
const CONTEXT = { topic: 'hookup.v1', tenantId: 'provet:x.example:1', credentialId: 'provet:x.example:1/c' };

function value(keyring: Record<string, string>, name: string): string {
  const found = keyring[name];
  if (found === undefined) throw new Error(`${name} is missing`);
  return found;
}

describe('the generated secrets', () => {
  it('survive being written as unquoted lines and read back', () => {
    const keyring = freshKeyring();
    expect(parseKeyring(renderKeyring(keyring))).toEqual(keyring);
    for (const line of renderKeyring(keyring).trimEnd().split('\n')) expect(line).toMatch(/^[A-Z_]+=[^\s'`$]+$/);
  });

  it('are different each time', () => {
    const first = freshKeyring();
    const second = freshKeyring();
    for (const [name, secret] of Object.entries(first)) expect(`${name} ${secret}`).not.toBe(`${name} ${second[name]}`);
  });

  it.each(PAIRS)('%s: what the public half seals, the private half opens', async (pair) => {
    const keyring = freshKeyring();
    const sealed = await SealingKeys.parse(value(keyring, `${pair}_PUBLIC_JWKS`)).seal('a secret', CONTEXT);
    await expect(OpeningKeys.parse(value(keyring, `${pair}_PRIVATE_JWKS`)).open(sealed, CONTEXT)).resolves.toBe(
      'a secret',
    );
  });

  it.each(PAIRS)('%s: the public half holds no private number and belongs to the private half', (pair) => {
    const keyring = freshKeyring();
    const [publicJwk] = JSON.parse(value(keyring, `${pair}_PUBLIC_JWKS`)).keys;
    const [privateJwk] = JSON.parse(value(keyring, `${pair}_PRIVATE_JWKS`)).keys;
    expect(publicJwk).not.toHaveProperty('d');
    const derived = createPublicKey(createPrivateKey({ key: privateJwk, format: 'jwk' })).export({ format: 'jwk' });
    expect(publicJwk).toMatchObject(derived);
  });

  it('hold a storage key ring that decrypts what it encrypted', async () => {
    const keys = StorageKeys.parse(value(freshKeyring(), 'STORAGE_KEYS_JWKS'));
    expect(await keys.decrypt(await keys.encrypt('a secret', { row: '1' }), { row: '1' })).toBe('a secret');
  });

  it('let the operator in with the token in clear', () => {
    const keyring = freshKeyring();
    const hash = createHash('sha256').update(value(keyring, 'OPERATOR_TOKEN')).digest('hex');
    expect(keyring['OPERATOR_TOKENS']).toBe(`local:admin:${hash}`);
    expect(Buffer.from(value(keyring, 'WEBHOOK_KEYS'), 'base64url')).toHaveLength(32);
    expect(value(keyring, 'HOOKUP_SECRET').length).toBeGreaterThanOrEqual(32);
  });
});
