import { OpeningKeys, SealingKeys, StorageKeys } from '#sealing';
import { webhookKeyId, webhookSigningKey } from '#contracts';
import { StopWithMessage } from '../stop-with-message.ts';
import type { GivenKeys, KeySet } from './verdicts.ts';

/** The names of the keys of every set, from the settings as the services get them. Keys themselves are not kept. */
export function givenKeys(valueOf: (name: string) => string | null): Record<KeySet, GivenKeys> {
  const pair = (name: string): GivenKeys => {
    const closed = read(`${name}_PUBLIC_JWKS`, valueOf, (text) => SealingKeys.parse(text).kids);
    const open = read(`${name}_PRIVATE_JWKS`, valueOf, (text) => OpeningKeys.parse(text).kids);
    // The public half decides what is sealed with; before it is changed the private one holds both.
    return { first: closed[0] ?? open[0] ?? null, kids: [...new Set([...closed, ...open])] };
  };
  const alone = (name: KeySet, kidsOf: (text: string) => readonly string[]): GivenKeys => {
    const kids = read(name, valueOf, kidsOf);
    return { first: kids[0] ?? null, kids };
  };
  return {
    CREDENTIAL_PRIVATE_JWKS: pair('CREDENTIAL'),
    PROVET_TOKEN_PRIVATE_JWKS: pair('PROVET_TOKEN'),
    EXACT_TOKEN_PRIVATE_JWKS: pair('EXACT_TOKEN'),
    STORAGE_KEYS_JWKS: alone('STORAGE_KEYS_JWKS', (text) => StorageKeys.parse(text).kids),
    WEBHOOK_KEYS: alone('WEBHOOK_KEYS', (text) =>
      text.split(',').map((key) => webhookKeyId(webhookSigningKey(key.trim()))),
    ),
  };
}

function read(
  name: string,
  valueOf: (name: string) => string | null,
  kidsOf: (text: string) => readonly string[],
): readonly string[] {
  const text = valueOf(name);
  if (text === null) return [];
  try {
    return kidsOf(text);
  } catch {
    // What is wrong with it could quote it.
    throw new StopWithMessage('bad-key-set', `${name} is no usable key set.`);
  }
}
