import { compactDecrypt, decodeProtectedHeader, type ProtectedHeaderParameters } from 'jose';
import type { KeyObject } from 'node:crypto';
import { privateKeys } from './key-set.js';
import { checkContext, type SealContext } from './seal-context.js';
import { SealError } from './seal-error.js';

/** Reads a JWE's header. It is covered by the encryption, but proven only once that has been opened. */
export function headerOf(sealed: string): ProtectedHeaderParameters {
  try {
    return decodeProtectedHeader(sealed);
  } catch (error) {
    throw new SealError('malformed', 'not a sealed text', error);
  }
}

/** Which key a sealed or encrypted text needs; null when it is no such text or names none. */
export function kidOf(sealed: string): string | null {
  try {
    return decodeProtectedHeader(sealed).kid ?? null;
  } catch {
    return null;
  }
}

/** The private half, with all keys that were ever used: the header names the one that is needed. */
export class OpeningKeys {
  private constructor(private readonly keys: ReadonlyMap<string, KeyObject>) {}

  /** Reads a JWKS. Throws a `SealError` when it is not usable. */
  static parse(privateJwks: string): OpeningKeys {
    return new OpeningKeys(new Map(privateKeys(privateJwks).map(({ kid, key }) => [kid, key])));
  }

  get kids(): readonly string[] {
    return [...this.keys.keys()];
  }

  /** Opens what was sealed for exactly this context; throws a `SealError` otherwise. */
  async open(sealed: string, expected: SealContext): Promise<string> {
    const header = headerOf(sealed);
    checkContext({ ...header }, expected);
    const key = this.keys.get(header.kid ?? '');
    if (key === undefined) throw new SealError('key-unknown', 'sealed to a key that is not here');
    try {
      const { plaintext } = await compactDecrypt(sealed, key, {
        keyManagementAlgorithms: ['ECDH-ES'],
        contentEncryptionAlgorithms: ['A256GCM'],
      });
      return Buffer.from(plaintext).toString('utf8');
    } catch (error) {
      throw new SealError('not-decryptable', 'the sealed text was altered or made with another key', error);
    }
  }
}
