import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/** 32 random bytes in base64url: what invites, states and browser marks look like. */
const TOKEN = /^[A-Za-z0-9_-]{43}$/;

export function newToken(): string {
  return randomBytes(32).toString('base64url');
}

/** Everything else never reaches the database. */
export function isToken(text: unknown): text is string {
  return typeof text === 'string' && TOKEN.test(text);
}

/** Tokens are looked up and kept by digest alone: whoever reads the database can use none of them. */
export function digestOf(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}

export function isTokenOf(token: string | null, sha256: string): boolean {
  return token !== null && timingSafeEqual(Buffer.from(digestOf(token), 'hex'), Buffer.from(sha256, 'hex'));
}
