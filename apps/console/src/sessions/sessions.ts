import { createHash, randomBytes } from 'node:crypto';

/** A session whose operator's token is kept here and nowhere else. */
export interface Session {
  readonly token: string;
  readonly expiresAt: number;
}

export interface SessionLimits {
  readonly most: number;
  readonly lifeMs: number;
}

/** A working day. A stolen cookie is worth no longer. */
const LIFE_MS = 12 * 3_600_000;
/** Far more than operators there are; bounds what a flood of sign-ins can keep in memory. */
const MOST = 1_000;

/**
 * Sessions of this process, in memory: the browser holds a random id, never the token. After a restart everybody signs in
 * again. Ids are kept as digests, so that looking one up takes no time that tells anything about another.
 */
export class Sessions {
  private readonly byDigest = new Map<string, Session>();

  constructor(private readonly limits: SessionLimits = { most: MOST, lifeMs: LIFE_MS }) {}

  /** Opens a session and gives its id. When there are too many the oldest one ends. */
  open(token: string, now: number): string {
    for (const [digest, session] of this.byDigest) {
      if (session.expiresAt > now && this.byDigest.size < this.limits.most) break;
      this.byDigest.delete(digest);
    }
    const id = randomBytes(32).toString('base64url');
    this.byDigest.set(digestOf(id), { token, expiresAt: now + this.limits.lifeMs });
    return id;
  }

  find(id: string, now: number): Session | null {
    const session = this.byDigest.get(digestOf(id));
    return session !== undefined && session.expiresAt > now ? session : null;
  }

  close(id: string): void {
    this.byDigest.delete(digestOf(id));
  }

  get size(): number {
    return this.byDigest.size;
  }
}

function digestOf(id: string): string {
  return createHash('sha256').update(id).digest('base64url');
}
