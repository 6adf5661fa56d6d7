import { CompactEncrypt, compactDecrypt } from 'jose';
import type { KeyObject } from 'node:crypto';
import { secretKeys, type NamedKey } from './key-set.js';
import { headerOf } from './opening-keys.js';
import { SealError } from './seal-error.js';

function canonical(context: Readonly<Record<string, string>>): string {
  return JSON.stringify(Object.entries(context).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function contextOf(canonicalText: unknown): Record<string, string> {
  try {
    return Object.fromEntries(JSON.parse(String(canonicalText)) as [string, string][]);
  } catch (error) {
    throw new SealError('malformed', 'an encrypted text that names no place', error);
  }
}

/** Encrypts what lies in a database: the first key encrypts, all decrypt. */
export class StorageKeys {
  private constructor(
    private readonly newest: NamedKey,
    private readonly keys: ReadonlyMap<string, KeyObject>,
  ) {}

  /** Reads a JWKS of 256-bit oct keys. Throws a `SealError` when it is not usable. */
  static parse(jwks: string): StorageKeys {
    const keys = secretKeys(jwks);
    return new StorageKeys(keys[0] as NamedKey, new Map(keys.map(({ kid, key }) => [kid, key])));
  }

  /** Name of the key that encrypts. */
  get kid(): string {
    return this.newest.kid;
  }

  get kids(): readonly string[] {
    return [...this.keys.keys()];
  }

  /**
   * The same text under the first key; null when it is already. It stays bound to the place that it was encrypted for,
   * whether that is where it lies or not: whoever decrypts it finds out.
   */
  async renew(encrypted: string): Promise<string | null> {
    const header = headerOf(encrypted);
    if (header.kid === this.newest.kid) return null;
    const context = contextOf(header['ctx']);
    return this.encrypt(await this.decrypt(encrypted, context), context);
  }

  /** `context` says which row and column the text belongs to; it is needed, unchanged, to decrypt. */
  async encrypt(plain: string, context: Readonly<Record<string, string>>): Promise<string> {
    return new CompactEncrypt(Buffer.from(plain, 'utf8'))
      .setProtectedHeader({ alg: 'dir', enc: 'A256GCM', kid: this.newest.kid, ctx: canonical(context) })
      .encrypt(this.newest.key);
  }

  async decrypt(encrypted: string, context: Readonly<Record<string, string>>): Promise<string> {
    const header = headerOf(encrypted);
    if (header['ctx'] !== canonical(context)) throw new SealError('context-mismatch', 'encrypted for another place');
    const key = this.keys.get(header.kid ?? '');
    if (key === undefined) throw new SealError('key-unknown', 'encrypted with a key that is not here');
    try {
      const { plaintext } = await compactDecrypt(encrypted, key, {
        keyManagementAlgorithms: ['dir'],
        contentEncryptionAlgorithms: ['A256GCM'],
      });
      return Buffer.from(plaintext).toString('utf8');
    } catch (error) {
      throw new SealError('not-decryptable', 'the encrypted text was altered or made with another key', error);
    }
  }
}
