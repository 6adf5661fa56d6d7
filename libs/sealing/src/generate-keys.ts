import { generateKeyPairSync, randomBytes } from 'node:crypto';

function newKid(): string {
  return randomBytes(9).toString('base64url');
}

/** A fresh pair of key sets with one key each, as one-line JSON. */
export function generateSealingKeyPair(kid: string = newKid()): { publicJwks: string; privateJwks: string } {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const facts = { kid, use: 'enc', alg: 'ECDH-ES' };
  return {
    publicJwks: JSON.stringify({ keys: [{ ...publicKey.export({ format: 'jwk' }), ...facts }] }),
    privateJwks: JSON.stringify({ keys: [{ ...privateKey.export({ format: 'jwk' }), ...facts }] }),
  };
}

/** A fresh key ring for storage, as one-line JSON. */
export function generateStorageKeys(kid: string = newKid()): string {
  return JSON.stringify({ keys: [{ kty: 'oct', k: randomBytes(32).toString('base64url'), kid, alg: 'A256GCM' }] });
}
