import { parseTenantId } from '@relay/contracts';
import { retryAfterMs, type Reply } from '@relay/http-client';
import type { Connection } from '../credentials/connection.js';

/** What a read that changes nothing says about an access token. */
export type ReadAnswer =
  /** The vendor knows the token: it answered, or said that this very thing is not allowed. */
  | { readonly kind: 'accepted' }
  | { readonly kind: 'refused' }
  /** Says nothing about the token. `isAlive`: the vendor's server did answer something of its own. */
  | {
      readonly kind: 'failed';
      readonly detail: string;
      readonly retryAfterMs: number | null;
      readonly isAlive: boolean;
    };

export interface ReadRequest {
  readonly method: 'GET';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly route: string;
}

/**
 * A read that every credential may try and that changes nothing: a page of one department (Provet), the environment's
 * subscriptions (EXACT). It stays on the host that the token came from.
 */
export function harmlessRead(connection: Connection, exactApiUrl: string, accessToken: string): ReadRequest {
  const headers = { authorization: `Bearer ${accessToken}`, accept: 'application/json' };
  if (connection.host === null) {
    const route = '/v1/Subscriptions/active';
    return { method: 'GET', url: `${exactApiUrl}${route}`, headers, route };
  }
  const tenant = parseTenantId(connection.tenantId);
  if (tenant?.vendor !== 'provet') throw new Error('a credential of a host belongs to a Provet tenant');
  const { origin } = new URL(connection.tokenUrl);
  const url = `${origin}/${tenant.provetId}/api/0.1/department/?page_size=1`;
  return { method: 'GET', url, headers, route: '/{provet_id}/api/0.1/department/' };
}

export function readAnswerOf(reply: Reply, now: number): ReadAnswer {
  if (reply.kind === 'no-answer') {
    return { kind: 'failed', detail: reply.fault, retryAfterMs: null, isAlive: false };
  }
  if (reply.status === 200 || reply.status === 403) return { kind: 'accepted' };
  if (reply.status === 401) return { kind: 'refused' };
  return {
    kind: 'failed',
    detail: `read-${reply.status}`,
    retryAfterMs: retryAfterMs(reply.headers, now),
    isAlive: reply.status < 500,
  };
}
