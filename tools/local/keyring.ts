import { createHash, generateKeyPairSync, randomBytes } from 'node:crypto';

interface KeyPair {
  readonly publicJwks: string;
  readonly privateJwks: string;
}

/** A key pair for sealing (JWE, ECDH-ES + A256GCM) as two JSON Web Key Sets of one line each. */
export function sealingKeyPair(): KeyPair {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const about = { kid: randomBytes(8).toString('hex'), use: 'enc', alg: 'ECDH-ES' };
  const set = (jwk: object) => JSON.stringify({ keys: [{ ...jwk, ...about }] });
  return {
    publicJwks: set(publicKey.export({ format: 'jwk' })),
    privateJwks: set(privateKey.export({ format: 'jwk' })),
  };
}

/** A key ring for storage at rest: symmetric, the first encrypts. */
export function storageKeys(): string {
  const key = { kty: 'oct', k: randomBytes(32).toString('base64url'), kid: randomBytes(8).toString('hex') };
  return JSON.stringify({ keys: [{ ...key, use: 'enc', alg: 'A256GCM' }] });
}

/** Fresh values for every secret of docs/CONTRACT.md §2 that the integrator makes up, and an operator token in clear. */
export function freshKeyring(): Record<string, string> {
  const credential = sealingKeyPair();
  const provetToken = sealingKeyPair();
  const exactToken = sealingKeyPair();
  const operatorToken = randomBytes(32).toString('base64url');
  return {
    HOOKUP_SECRET: randomBytes(32).toString('base64url'),
    WEBHOOK_KEYS: randomBytes(32).toString('base64url'),
    CREDENTIAL_PUBLIC_JWKS: credential.publicJwks,
    CREDENTIAL_PRIVATE_JWKS: credential.privateJwks,
    PROVET_TOKEN_PUBLIC_JWKS: provetToken.publicJwks,
    PROVET_TOKEN_PRIVATE_JWKS: provetToken.privateJwks,
    EXACT_TOKEN_PUBLIC_JWKS: exactToken.publicJwks,
    EXACT_TOKEN_PRIVATE_JWKS: exactToken.privateJwks,
    STORAGE_KEYS_JWKS: storageKeys(),
    OPERATOR_TOKENS: `local:admin:${createHash('sha256').update(operatorToken).digest('hex')}`,
    OPERATOR_TOKEN: operatorToken,
  };
}

export function renderKeyring(keyring: Readonly<Record<string, string>>): string {
  return Object.entries(keyring)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('');
}

/** Reads unquoted `NAME=value` lines; everything after the first `=` is the value. Comments and empty lines are skipped. */
export function parseKeyring(text: string): Record<string, string> {
  const entries = text
    .split('\n')
    .filter((line) => /^[A-Z][A-Z0-9_]*=/.test(line))
    .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)] as const);
  return Object.fromEntries(entries);
}
