import { webhookKeyId, webhookSigningKey } from '@relay/contracts';
import { keyring, type Keyring } from '@relay/testing';

/** Settings that hold a list of keys, as they stand while one is exchanged for another. */
type Rotated = Exclude<keyof Keyring, 'OPERATOR_TOKENS' | 'OPERATOR_TOKEN'>;

const LISTS: readonly string[] = ['HOOKUP_SECRET', 'WEBHOOK_KEYS'];

/** A whole keyring that is exchanged for a fresh one, setting by setting. */
export class KeyExchange {
  readonly fresh = keyring();

  constructor(readonly old: Keyring) {}

  only(which: 'old' | 'fresh', ...names: Rotated[]): Record<string, string> {
    return Object.fromEntries(names.map((name) => [name, this[which][name]]));
  }

  /** Both, the named one first. */
  both(first: 'old' | 'fresh', ...names: Rotated[]): Record<string, string> {
    const second = first === 'old' ? 'fresh' : 'old';
    return Object.fromEntries(names.map((name) => [name, joined(name, this[first][name], this[second][name])]));
  }

  /** The names of one generation's keys, as `npm run keys -- status` shows them. */
  names(which: 'old' | 'fresh'): Record<string, string> {
    const keys = this[which];
    const kidOf = (jwks: string) => (JSON.parse(jwks) as { keys: { kid: string }[] }).keys[0]?.kid as string;
    return {
      CREDENTIAL_PRIVATE_JWKS: kidOf(keys.CREDENTIAL_PRIVATE_JWKS),
      PROVET_TOKEN_PRIVATE_JWKS: kidOf(keys.PROVET_TOKEN_PRIVATE_JWKS),
      EXACT_TOKEN_PRIVATE_JWKS: kidOf(keys.EXACT_TOKEN_PRIVATE_JWKS),
      STORAGE_KEYS_JWKS: kidOf(keys.STORAGE_KEYS_JWKS),
      WEBHOOK_KEYS: webhookKeyId(webhookSigningKey(keys.WEBHOOK_KEYS)),
    };
  }
}

function joined(name: string, first: string, second: string): string {
  if (LISTS.includes(name)) return `${first},${second}`;
  const keys = [first, second].flatMap((set) => (JSON.parse(set) as { keys: object[] }).keys);
  return JSON.stringify({ keys });
}
