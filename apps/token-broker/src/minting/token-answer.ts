import { retryAfterMs, type Reply } from '@relay/http-client';
import { expiryAt } from './renewal-time.js';

/** What a token endpoint's answer, or the lack of one, means for the credential. */
export type TokenAnswer =
  | {
      readonly kind: 'granted';
      readonly accessToken: string;
      /** Null: none came with it, the one before goes on being good. */
      readonly refreshToken: string | null;
      readonly idToken: string | null;
      /** As the vendor says it; null when it does not. */
      readonly scope: string | null;
      readonly issuedAt: number;
      readonly expiresAt: number;
    }
  /** The vendor refuses this credential: asking again with it is no use. `code` is a stable word. */
  | { readonly kind: 'rejected'; readonly code: string }
  /** Says nothing about the credential: asked again later. `effect`: whether the vendor may have acted on the request. */
  | {
      readonly kind: 'failed';
      readonly detail: string;
      readonly retryAfterMs: number | null;
      readonly effect: 'none' | 'unknown';
      /** The vendor's server did answer something of its own. */
      readonly isAlive: boolean;
    };

/** RFC 6749 §5.2. Any other word of the vendor's is its own text and goes nowhere. */
const ERROR_WORDS: ReadonlySet<string> = new Set([
  'invalid_request',
  'invalid_client',
  'invalid_grant',
  'unauthorized_client',
  'unsupported_grant_type',
  'invalid_scope',
]);

/** Only 400 and 401 speak about the credential; every other failure may be the network, a proxy or a bad day. */
export function readTokenAnswer(reply: Reply, now: number): TokenAnswer {
  if (reply.kind === 'no-answer') {
    const effect = reply.sent ? 'unknown' : 'none';
    return { kind: 'failed', detail: reply.fault, retryAfterMs: null, effect, isAlive: false };
  }
  if (reply.status === 400 || reply.status === 401) return { kind: 'rejected', code: rejectionCode(reply) };
  if (reply.status !== 200) {
    return {
      kind: 'failed',
      detail: `token-endpoint-${reply.status}`,
      retryAfterMs: retryAfterMs(reply.headers, now),
      effect: effectOf(reply.status),
      isAlive: reply.status < 500,
    };
  }
  return readGrant(reply.text, now);
}

/**
 * A success of a kind that was not expected may hide a token. Every other answer counts as a refusal before anything was
 * done: where that is wrong (a proxy's 504), the next try is told so by the vendor, and nothing more is lost by it.
 */
function effectOf(status: number): 'none' | 'unknown' {
  return status < 300 ? 'unknown' : 'none';
}

function readGrant(text: string, now: number): TokenAnswer {
  const body = parseObject(text);
  const accessToken = body?.['access_token'];
  const type = body?.['token_type'];
  if (typeof accessToken !== 'string' || !isHeaderSafe(accessToken)) return malformed;
  if (type !== undefined && (typeof type !== 'string' || type.toLowerCase() !== 'bearer')) return malformed;
  return {
    kind: 'granted',
    accessToken,
    refreshToken: textOf(body?.['refresh_token']),
    idToken: textOf(body?.['id_token']),
    scope: textOf(body?.['scope']),
    issuedAt: now,
    expiresAt: expiryAt(now, body?.['expires_in']),
  };
}

const malformed: TokenAnswer = {
  kind: 'failed',
  detail: 'token-answer-malformed',
  retryAfterMs: null,
  effect: 'unknown',
  isAlive: true,
};

function textOf(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}

/** RFC 6750 §2.1 allows fewer characters; what matters is that it can stand in an Authorization header. */
function isHeaderSafe(token: string): boolean {
  return /^[\x21-\x7e]+$/.test(token);
}

function rejectionCode(reply: { readonly status: number; readonly text: string }): string {
  const word = parseObject(reply.text)?.['error'];
  return typeof word === 'string' && ERROR_WORDS.has(word) ? word : `token-endpoint-${reply.status}`;
}

function parseObject(text: string): Record<string, unknown> | null {
  try {
    const parsed: unknown = JSON.parse(text);
    return typeof parsed === 'object' && parsed !== null ? (parsed as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}
