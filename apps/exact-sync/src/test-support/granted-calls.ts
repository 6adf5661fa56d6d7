import { EXACT_RESOURCES, exactScopeSet, exactScopesWanted } from '@relay/contracts';
import type { ContinuationNames } from '../calls/continuation.js';
import type { ExactCalls } from '../calls/exact-calls.js';
import { PracticeCalls } from '../calls/practice-calls.js';
import { CallsByScope } from '../calls/scoped-calls.js';
import type { ScopeSource } from '../scopes/granted-scopes.js';

/** A client that is granted all that the resources need, but for what is named. */
export function grantedBut(...missing: readonly string[]): ScopeSource {
  const granted = exactScopesWanted(EXACT_RESOURCES).filter((scope) => !missing.includes(scope));
  return { setOf: (resource) => exactScopeSet(resource, granted) };
}

/** Calls to the practices of `qa` that nothing is missing for. */
export function grantedCalls(
  calls: ExactCalls,
  names: ContinuationNames,
  now: () => number = Date.now,
  scopes: ScopeSource = grantedBut(),
): PracticeCalls {
  return new PracticeCalls(new CallsByScope(calls, scopes, names, 1_000, now), 'qa');
}
