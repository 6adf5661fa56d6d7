import {
  createHash,
  createPrivateKey,
  createPublicKey,
  createSecretKey,
  type JsonWebKey,
  type KeyObject,
} from 'node:crypto';
import { SealError } from './seal-error.js';

export interface NamedKey {
  readonly kid: string;
  readonly key: KeyObject;
}

type Jwk = JsonWebKey & { readonly kid?: unknown };

/** Members that identify a key, in the order of RFC 7638. */
const THUMBPRINT_MEMBERS: Readonly<Record<string, readonly string[]>> = {
  EC: ['crv', 'kty', 'x', 'y'],
  OKP: ['crv', 'kty', 'x'],
  oct: ['k', 'kty'],
};
const AGREEMENT_CURVES: readonly unknown[] = ['P-256', 'P-384', 'P-521', 'X25519'];

/** RFC 7638: the key's name where it has none of its own. The same for both halves of a pair. */
function thumbprint(jwk: Jwk): string {
  const members = THUMBPRINT_MEMBERS[String(jwk.kty)] ?? [];
  const canonical = JSON.stringify(Object.fromEntries(members.map((name) => [name, jwk[name]])));
  return createHash('sha256').update(canonical).digest('base64url');
}

function readKeys(jwks: string): readonly Jwk[] {
  let parsed: unknown;
  try {
    parsed = JSON.parse(jwks);
  } catch {
    throw new SealError('key-set-invalid', 'the key set is not JSON');
  }
  const keys: unknown = typeof parsed === 'object' && parsed !== null && 'keys' in parsed ? parsed.keys : null;
  if (!Array.isArray(keys) || keys.length === 0) throw new SealError('key-set-invalid', 'the key set has no keys');
  if (keys.some((key) => typeof key !== 'object' || key === null)) {
    throw new SealError('key-set-invalid', 'the key set holds something that is no key');
  }
  return keys as Jwk[];
}

function importKeys(jwks: string, importKey: (jwk: Jwk) => KeyObject): readonly NamedKey[] {
  const named = readKeys(jwks).map((jwk) => {
    const kid = typeof jwk.kid === 'string' && jwk.kid !== '' ? jwk.kid : thumbprint(jwk);
    try {
      return { kid, key: importKey(jwk) };
    } catch (error) {
      if (error instanceof SealError) throw error;
      // The library's message may quote members of the key.
      throw new SealError('key-set-invalid', `a key of the set cannot be read (kty ${String(jwk.kty)})`);
    }
  });
  if (new Set(named.map((key) => key.kid)).size !== named.length) {
    throw new SealError('key-set-invalid', 'two keys of the set have the same kid');
  }
  return named;
}

function requireAgreementKey(jwk: Jwk): void {
  if (!AGREEMENT_CURVES.includes(jwk.crv)) {
    throw new SealError('key-set-invalid', 'keys must be EC (P-256, P-384, P-521) or X25519');
  }
}

/** Public halves. A private key here is refused: it would lie where it must not. */
export function publicKeys(jwks: string): readonly NamedKey[] {
  return importKeys(jwks, (jwk) => {
    requireAgreementKey(jwk);
    if (jwk.d !== undefined) throw new SealError('key-set-invalid', 'the public key set holds a private key');
    return createPublicKey({ key: jwk, format: 'jwk' });
  });
}

export function privateKeys(jwks: string): readonly NamedKey[] {
  return importKeys(jwks, (jwk) => {
    requireAgreementKey(jwk);
    if (jwk.d === undefined) throw new SealError('key-set-invalid', 'the private key set holds a public key');
    return createPrivateKey({ key: jwk, format: 'jwk' });
  });
}

/** Symmetric keys of 256 bits. */
export function secretKeys(jwks: string): readonly NamedKey[] {
  return importKeys(jwks, (jwk) => {
    const bytes = jwk.kty === 'oct' && typeof jwk.k === 'string' ? Buffer.from(jwk.k, 'base64url') : null;
    if (bytes?.length !== 32) throw new SealError('key-set-invalid', 'storage keys must be oct keys of 32 bytes');
    return createSecretKey(bytes);
  });
}
