import { parseTenantId } from '@relay/contracts';
import { retryAfterMs, type Reply } from '@relay/http-client';
import type { Connection } from '../credentials/connection.js';
import type { ClientAuthentication } from './client-authentication.js';
import { basicCredentials, type TokenRequest } from './token-request.js';

/** A token to be revoked, in clear. */
export interface Revocable {
  readonly token: string;
  readonly hint: 'access_token' | 'refresh_token';
}

export type RevokeAnswer =
  | { readonly kind: 'revoked' }
  /** It will be answered the same again. */
  | { readonly kind: 'refused'; readonly status: number }
  | { readonly kind: 'failed'; readonly detail: string; readonly retryAfterMs: number | null };

/** A request to Provet's revocation endpoint (RFC 7009 §2.1), on the host that the token came from. */
export function buildRevokeRequest(
  connection: Connection,
  { token, hint }: Revocable,
  how: ClientAuthentication,
): TokenRequest {
  const tenant = parseTenantId(connection.tenantId);
  if (tenant?.vendor !== 'provet') throw new Error('only tokens of a Provet tenant can be revoked');
  const { clientId, secret } = connection;
  const form = new URLSearchParams({ token, token_type_hint: hint });
  const headers: Record<string, string> = {
    'content-type': 'application/x-www-form-urlencoded',
    accept: 'application/json',
  };
  if (secret === null || how === 'body') form.set('client_id', clientId);
  if (secret !== null && how === 'body') form.set('client_secret', secret);
  if (secret !== null && how === 'basic') headers['authorization'] = basicCredentials(clientId, secret);
  const url = `${new URL(connection.tokenUrl).origin}/${tenant.provetId}/oauth2/revoke_token/`;
  return { method: 'POST', url, headers, body: form.toString() };
}

/** 200 also for a token that the vendor does not know: it is good for nothing any more, and that is all that counts. */
export function revokeAnswerOf(reply: Reply, now: number): RevokeAnswer {
  if (reply.kind === 'no-answer') return { kind: 'failed', detail: reply.fault, retryAfterMs: null };
  const { status } = reply;
  if (status >= 200 && status < 300) return { kind: 'revoked' };
  if (status === 429 || status === 408 || status >= 500) {
    return { kind: 'failed', detail: `http-${status}`, retryAfterMs: retryAfterMs(reply.headers, now) };
  }
  return { kind: 'refused', status };
}
