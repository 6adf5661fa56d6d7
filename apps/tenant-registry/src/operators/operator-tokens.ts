import { createHash, timingSafeEqual } from 'node:crypto';

export const OPERATOR_ROLES = ['viewer', 'operator', 'admin'] as const;
export type OperatorRole = (typeof OPERATOR_ROLES)[number];

export interface Operator {
  readonly name: string;
  readonly role: OperatorRole;
}

interface TokenEntry extends Operator {
  readonly digest: Buffer;
  readonly expiresAt: number | null;
}

/**
 * The operators of `OPERATOR_TOKENS`: `name:role:sha256hex[:expires]`, `expires` an ISO 8601 date or instant. Only digests
 * are known here; a token is looked up by comparing its digest with every entry in constant time.
 */
export class OperatorTokens {
  private constructor(private readonly entries: readonly TokenEntry[]) {}

  /** Reads the setting. Problems name the entry by its position, never by its value. */
  static parse(entries: readonly string[]): { tokens: OperatorTokens; problems: string[] } {
    const problems: string[] = [];
    const good: TokenEntry[] = [];
    for (const [index, text] of entries.entries()) {
      const entry = parseEntry(text);
      if (typeof entry === 'string') problems.push(`entry ${index + 1} ${entry}`);
      else good.push(entry);
    }
    return { tokens: new OperatorTokens(good), problems };
  }

  /** Whose token it is, or null: unknown or expired. */
  operatorOf(token: string, now: number): Operator | null {
    const digest = createHash('sha256').update(token).digest();
    let found: TokenEntry | null = null;
    for (const entry of this.entries) {
      // No early exit: the time taken does not tell which entry matched.
      if (timingSafeEqual(entry.digest, digest)) found = entry;
    }
    if (found === null || (found.expiresAt !== null && found.expiresAt <= now)) return null;
    return { name: found.name, role: found.role };
  }
}

/** True when a role includes the rights of another: viewer < operator < admin. */
export function includesRole(role: OperatorRole, needed: OperatorRole): boolean {
  return OPERATOR_ROLES.indexOf(role) >= OPERATOR_ROLES.indexOf(needed);
}

function parseEntry(text: string): TokenEntry | string {
  const [name = '', role = '', digest = '', ...rest] = text.trim().split(':');
  if (!/^[A-Za-z0-9._@-]{1,64}$/.test(name)) return 'has no usable name (letters, digits and . _ @ - only)';
  if (!OPERATOR_ROLES.includes(role as OperatorRole)) return 'has a role that is not viewer, operator or admin';
  if (!/^[0-9a-f]{64}$/i.test(digest)) return 'has no SHA-256 digest of 64 hexadecimal digits';
  // An instant has colons of its own.
  const expires = rest.length === 0 ? null : Date.parse(rest.join(':'));
  if (expires !== null && Number.isNaN(expires)) return 'has an expiry that is no ISO 8601 date';
  return { name, role: role as OperatorRole, digest: Buffer.from(digest, 'hex'), expiresAt: expires };
}
