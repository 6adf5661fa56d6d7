import { createLocalJWKSet, jwtVerify, type JSONWebKeySet, type JWTPayload } from 'jose';
import type { IdTokenAlgorithm } from './openid-provider.js';

/** Clocks of vendors differ a little. */
const CLOCK_TOLERANCE_SECONDS = 60;

/** Who consented, as an id token or the userinfo endpoint says it. */
export interface Person {
  readonly subject: string;
  /** Null: the vendor gives an id but no name. */
  readonly name: string | null;
}

export interface IdTokenRules {
  readonly algorithm: IdTokenAlgorithm;
  readonly issuer: string;
  readonly clientId: string;
  /** The key of HS256. */
  readonly secret: string | null;
  readonly nonce: string;
  /** The provider's keys; asked for with RS256 only. */
  jwks(): Promise<JSONWebKeySet>;
}

/** An id token that is not the answer to our question. */
export class IdTokenRefused extends Error {
  readonly code = 'id-token-refused';
  readonly retryable = false;

  constructor(why: string) {
    super(why);
    this.name = 'IdTokenRefused';
  }
}

/**
 * Verifies an id token (OpenID Connect Core §3.1.3.7): signed with the registered algorithm and no other, by this issuer,
 * for this client, in answer to this visit.
 */
export async function verifyIdToken(idToken: string, rules: IdTokenRules): Promise<Person> {
  const payload = await verifiedPayload(idToken, rules);
  if (payload['nonce'] !== rules.nonce) throw new IdTokenRefused('nonce');
  const { azp } = payload;
  if (azp !== undefined && azp !== rules.clientId) throw new IdTokenRefused('azp');
  if (Array.isArray(payload.aud) && payload.aud.length > 1 && azp === undefined) throw new IdTokenRefused('azp');
  if (typeof payload.sub !== 'string' || payload.sub === '') throw new IdTokenRefused('sub');
  return { subject: payload.sub, name: nameOf(payload) };
}

async function verifiedPayload(idToken: string, rules: IdTokenRules): Promise<JWTPayload> {
  const checks = {
    algorithms: [rules.algorithm],
    issuer: rules.issuer,
    audience: rules.clientId,
    requiredClaims: ['exp', 'iat', 'sub'],
    clockTolerance: CLOCK_TOLERANCE_SECONDS,
  };
  try {
    if (rules.algorithm === 'HS256') {
      return (await jwtVerify(idToken, new TextEncoder().encode(rules.secret ?? ''), checks)).payload;
    }
    return (await jwtVerify(idToken, createLocalJWKSet(await rules.jwks()), checks)).payload;
  } catch (error) {
    if (error instanceof Error && 'code' in error && String(error.code).startsWith('ERR_J')) {
      throw new IdTokenRefused(String(error.code));
    }
    throw error;
  }
}

/** The first claim that names a person to people. Cut, since it is shown and published. */
export function nameOf(claims: Readonly<Record<string, unknown>>): string | null {
  const full = [claims['given_name'], claims['family_name']].filter((part) => typeof part === 'string').join(' ');
  const names = [claims['name'], full, claims['preferred_username'], claims['email']];
  const found = names.find((name) => typeof name === 'string' && name.trim() !== '') as string | undefined;
  return found === undefined ? null : shownText(found);
}

/** What may stand on a page of ours and on a topic: one line, well formed, not endless. */
export function shownText(text: string): string {
  return text
    .toWellFormed()
    .replace(/\p{C}+/gu, ' ')
    .trim()
    .slice(0, 120);
}
