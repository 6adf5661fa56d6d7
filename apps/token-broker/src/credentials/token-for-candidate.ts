import type { Database } from '@relay/database';
import type { TokenEndpoint } from '../minting/token-endpoint.js';
import type { Candidate } from '../persistence/candidate-rows.js';
import type { TokenPair } from '../persistence/refresh-grant-rows.js';
import type { Vault } from '../persistence/vault.js';
import type { HeldShard } from '../shards/held-shards.js';
import type { GrantRefresher } from '../tokens/grant-refresher.js';
import type { CandidateTry } from './candidate-steps.js';

/** An access token to prove a candidate with, and which renewal of a consent it came with. */
export type CandidateToken = Pick<TokenPair, 'accessToken' | 'issuedAt' | 'expiresAt'> & {
  readonly grantVersion: number | null;
};

export type CandidateTokenOutcome =
  | { readonly kind: 'token'; readonly token: CandidateToken }
  | Exclude<CandidateTry, { kind: 'proved' | 'token-refused' }>;

interface Parts {
  readonly database: Database;
  readonly vault: Vault;
  readonly endpoint: TokenEndpoint;
  readonly refresher: GrantRefresher;
}

/** Gets a token: from the consent if there is one, else by asking. One that was refused or has expired is not used again. */
export async function tokenForCandidate(
  candidate: Candidate,
  held: HeldShard,
  signal: AbortSignal,
  parts: Parts,
): Promise<CandidateTokenOutcome> {
  const { connection, grantId } = candidate;
  if (grantId !== null) return fromConsent(candidate, grantId, held, signal, parts);
  await parts.endpoint.ready(connection, signal);
  const answer = await parts.endpoint.ask(connection, { grant: 'client_credentials' }, { signal });
  return answer.kind === 'granted' ? { kind: 'token', token: { ...answer, grantVersion: null } } : answer;
}

async function fromConsent(
  { connection, tokenRefusedAt }: Candidate,
  grantId: string,
  held: HeldShard,
  signal: AbortSignal,
  { database, vault, refresher }: Parts,
): Promise<CandidateTokenOutcome> {
  const grant = await vault.grants.find(database, grantId);
  if (grant === null) return { kind: 'over', code: 'consent-withdrawn' };
  const isStale = grant.expiresAt <= Date.now() || grant.issuedAt <= (tokenRefusedAt ?? 0);
  const wish = { has: isStale ? grant.version : null, urgent: true };
  const outcome = await refresher.token(grantId, connection, wish, held, signal);
  if (outcome.kind !== 'granted') return outcome;
  return { kind: 'token', token: { ...outcome.pair, grantVersion: outcome.version } };
}
