import { CompactEncrypt } from 'jose';
import { publicKeys, type NamedKey } from './key-set.js';
import { contextHeader, type SealContext } from './seal-context.js';

/** The public half: seals, and cannot open what it has sealed. */
export class SealingKeys {
  private constructor(private readonly keys: readonly NamedKey[]) {}

  /** Reads a JWKS; the first key seals. Throws a `SealError` when it is not usable. */
  static parse(publicJwks: string): SealingKeys {
    return new SealingKeys(publicKeys(publicJwks));
  }

  /** Name of the key that seals. */
  get kid(): string {
    return this.newest.kid;
  }

  /** All of the set: those behind the first are named as still in use, they seal nothing. */
  get kids(): readonly string[] {
    return this.keys.map(({ kid }) => kid);
  }

  private get newest(): NamedKey {
    return this.keys[0] as NamedKey;
  }

  /** JWE compact, ECDH-ES with A256GCM. */
  async seal(plain: string, context: SealContext): Promise<string> {
    return new CompactEncrypt(Buffer.from(plain, 'utf8'))
      .setProtectedHeader({ alg: 'ECDH-ES', enc: 'A256GCM', kid: this.newest.kid, ...contextHeader(context) })
      .encrypt(this.newest.key);
  }
}
