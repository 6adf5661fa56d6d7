import type { BrokerNote } from '../audit/audit-trail.js';
import type { TokenAnswer } from '../minting/token-answer.js';
import type { ScopeSearch } from '../persistence/scope-rows.js';
import type { NoScopeAnswer } from './ask-for-scopes.js';

type Asked = Pick<ScopeSearch, 'credentialId' | 'tenantId' | 'known'>;
type Found = { readonly granted: readonly string[]; readonly missing: readonly string[] };

/** The client's secret was used to find out what it may do: one entry for a probe, however many requests it took. */
export function probeNote(search: Asked, requests: number, outcome: Found | NoScopeAnswer): BrokerNote {
  const { credentialId, tenantId, known } = search;
  const came =
    'granted' in outcome
      ? { outcome: 'found', granted: outcome.granted, missing: outcome.missing }
      : { outcome: outcome.kind, ...codeOf(outcome) };
  const reason = known === null ? 'first-probe' : 'probe';
  return { action: 'scopes-probed', tenantId, reason, detail: { credentialId, requests, ...came } };
}

/** It was used to get the token of a scope set that has none. */
export function setNote({ credentialId, tenantId }: Asked, scopes: string, answer: TokenAnswer): BrokerNote {
  const code = answer.kind === 'granted' ? {} : codeOf(answer);
  const detail = { credentialId, scopes, outcome: answer.kind, ...code };
  return { action: 'token-requested', tenantId, reason: 'scope-set', detail };
}

function codeOf(answer: NoScopeAnswer): { readonly code: string } {
  return { code: answer.kind === 'rejected' ? answer.code : answer.detail };
}
