import type { Connection } from '../credentials/connection.js';
import type { ClientAuthentication } from './client-authentication.js';

export interface TokenRequest {
  readonly method: 'POST';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** What a token is asked for with. */
export type TokenAsk =
  | { readonly grant: 'client_credentials' }
  | { readonly grant: 'refresh_token'; readonly refreshToken: string }
  | {
      readonly grant: 'authorization_code';
      readonly code: string;
      readonly redirectUri: string;
      readonly codeVerifier: string;
    };

/**
 * A request to the token endpoint (RFC 6749 §4.1.3, §4.4.2, §6): form body, client in a Basic header unless
 * the vendor wants it in the form. Neither vendor takes JSON. A public client has nothing to prove itself with and names itself in the body (§3.2.1).
 */
export function buildTokenRequest(
  connection: Connection,
  ask: TokenAsk = { grant: 'client_credentials' },
  how: ClientAuthentication = 'basic',
): TokenRequest {
  const form = formOf(connection, ask);
  const headers: Record<string, string> = {
    'content-type': 'application/x-www-form-urlencoded',
    accept: 'application/json',
  };
  const { clientId, secret } = connection;
  if (secret === null || how === 'body') form.set('client_id', clientId);
  if (secret !== null && how === 'body') form.set('client_secret', secret);
  if (secret !== null && how === 'basic') headers['authorization'] = basicCredentials(clientId, secret);
  return { method: 'POST', url: connection.tokenUrl, headers, body: form.toString() };
}

function formOf(connection: Connection, ask: TokenAsk): URLSearchParams {
  switch (ask.grant) {
    case 'client_credentials':
      return new URLSearchParams({ grant_type: ask.grant, scope: connection.scopes });
    case 'refresh_token':
      // Without `scope`: the same as were granted (§6).
      return new URLSearchParams({ grant_type: ask.grant, refresh_token: ask.refreshToken });
    case 'authorization_code':
      return new URLSearchParams({
        grant_type: ask.grant,
        code: ask.code,
        redirect_uri: ask.redirectUri,
        code_verifier: ask.codeVerifier,
      });
    default:
      return ask satisfies never;
  }
}

/** Both parts are form-encoded before they are joined (RFC 6749 §2.3.1): an id may hold a colon. */
export function basicCredentials(clientId: string, secret: string): string {
  return `Basic ${Buffer.from(`${formEncoded(clientId)}:${formEncoded(secret)}`).toString('base64')}`;
}

/**
 * As a form would encode it, but with `%20` for a space: servers that decode percent-encoding alone understand that too.
 * Nothing else differs between the two for any character.
 */
function formEncoded(text: string): string {
  return encodeURIComponent(text).replace(/[!'()~]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
}
