import type { Connection } from '../credentials/connection.js';
import type { TokenAnswer } from '../minting/token-answer.js';
import type { TokenEndpoint } from '../minting/token-endpoint.js';
import type { ScopeAnswer } from './scope-probe.js';

/** An answer that says nothing about single scopes. */
export type NoScopeAnswer = Exclude<TokenAnswer, { kind: 'granted' }>;

/** RFC 6749 §5.2: one of the scopes, at least, is not granted. */
export const SCOPE_REFUSED = 'invalid_scope';

/** Asks for a token only to see whether its scopes are granted: the token is thrown away. */
export function askForScopes(
  endpoint: TokenEndpoint,
  connection: Connection,
  signal: AbortSignal,
): (scopes: readonly string[]) => Promise<ScopeAnswer<NoScopeAnswer>> {
  return async (scopes) => {
    await endpoint.ready(connection, signal);
    const asking = { ...connection, scopes: scopes.join(' ') };
    const answer = await endpoint.ask(asking, { grant: 'client_credentials' }, { signal });
    if (answer.kind === 'granted') return { kind: 'granted' };
    if (answer.kind === 'rejected' && answer.code === SCOPE_REFUSED) return { kind: 'refused' };
    return { kind: 'failed', failure: answer };
  };
}
