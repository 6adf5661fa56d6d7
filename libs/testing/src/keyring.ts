import { generateSealingKeyPair, generateStorageKeys } from '@relay/sealing';
import { createHash, randomBytes } from 'node:crypto';

export interface OperatorToken {
  /** What the operator sends. */
  readonly token: string;
  /** What stands in OPERATOR_TOKENS. */
  readonly entry: string;
}

export function operatorToken(role: 'viewer' | 'operator' | 'admin' = 'admin', name: string = role): OperatorToken {
  const token = randomBytes(24).toString('hex');
  return { token, entry: `${name}:${role}:${createHash('sha256').update(token).digest('hex')}` };
}

/** Fresh secrets of every service (contract §2), as environment variables; OPERATOR_TOKEN is an admin's token in clear. */
export function keyring() {
  const credential = generateSealingKeyPair();
  const provet = generateSealingKeyPair();
  const exact = generateSealingKeyPair();
  const { token, entry } = operatorToken();
  return {
    HOOKUP_SECRET: randomBytes(24).toString('hex'),
    WEBHOOK_KEYS: randomBytes(32).toString('base64url'),
    CREDENTIAL_PUBLIC_JWKS: credential.publicJwks,
    CREDENTIAL_PRIVATE_JWKS: credential.privateJwks,
    PROVET_TOKEN_PUBLIC_JWKS: provet.publicJwks,
    PROVET_TOKEN_PRIVATE_JWKS: provet.privateJwks,
    EXACT_TOKEN_PUBLIC_JWKS: exact.publicJwks,
    EXACT_TOKEN_PRIVATE_JWKS: exact.privateJwks,
    STORAGE_KEYS_JWKS: generateStorageKeys(),
    OPERATOR_TOKENS: entry,
    OPERATOR_TOKEN: token,
  };
}

export type Keyring = ReturnType<typeof keyring>;
