import type { Connection } from '../credentials/connection.js';

export interface TokenRequest {
  readonly method: 'POST';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/**
 * The request of the client credentials grant (RFC 6749 §4.4.2): form body, client in a Basic header. Neither vendor takes
 * JSON. A public client has nothing to prove itself with and names itself in the body (§3.2.1).
 */
export function buildTokenRequest(connection: Connection): TokenRequest {
  const form = new URLSearchParams({ grant_type: 'client_credentials', scope: connection.scopes });
  const headers: Record<string, string> = {
    'content-type': 'application/x-www-form-urlencoded',
    accept: 'application/json',
  };
  if (connection.secret === null) form.set('client_id', connection.clientId);
  else headers['authorization'] = basicCredentials(connection.clientId, connection.secret);
  return { method: 'POST', url: connection.tokenUrl, headers, body: form.toString() };
}

/** Both parts are form-encoded before they are joined (RFC 6749 §2.3.1): an id may hold a colon. */
function basicCredentials(clientId: string, secret: string): string {
  return `Basic ${Buffer.from(`${formEncoded(clientId)}:${formEncoded(secret)}`).toString('base64')}`;
}

/**
 * As a form would encode it, but with `%20` for a space: servers that decode percent-encoding alone understand that too.
 * Nothing else differs between the two for any character.
 */
function formEncoded(text: string): string {
  return encodeURIComponent(text).replace(/[!'()~]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
}
