import type { Capabilities } from '@relay/contracts';

/** What a token request for some scopes came to. */
export type ScopeAnswer<Failure> =
  | { readonly kind: 'granted' }
  /** One of them, at least, is not granted. */
  | { readonly kind: 'refused' }
  /** Says nothing about the scopes. */
  | { readonly kind: 'failed'; readonly failure: Failure };

type ProbeOutcome<Failure> =
  | { readonly kind: 'found'; readonly capabilities: Capabilities }
  | { readonly kind: 'failed'; readonly failure: Failure };

/**
 * Finds out which scopes are granted, although a request fails as a whole for one that is not and does not say which: what
 * is refused together is asked for in halves. What was found last time is tried first, so that a day without news costs one
 * request, and one for each scope that was missing. At most two requests a scope, less one; never again what was answered.
 */
export async function probeScopes<Failure>(
  wanted: readonly string[],
  known: Capabilities | null,
  ask: (scopes: readonly string[]) => Promise<ScopeAnswer<Failure>>,
): Promise<ProbeOutcome<Failure>> {
  const granted: string[] = [];
  const missing: string[] = [];
  const groups = firstGroups(wanted, known);
  for (let group = groups.shift(); group !== undefined; group = groups.shift()) {
    const answer = await ask(group);
    switch (answer.kind) {
      case 'granted':
        granted.push(...group);
        break;
      case 'refused':
        if (group.length === 1) missing.push(...group);
        else groups.unshift(...halves(group));
        break;
      case 'failed':
        return { kind: 'failed', failure: answer.failure };
      default:
        return answer satisfies never;
    }
  }
  return { kind: 'found', capabilities: { granted: granted.sort(), missing: missing.sort() } };
}

function firstGroups(wanted: readonly string[], known: Capabilities | null): string[][] {
  const all = [...new Set(wanted)].sort();
  const wasMissing = (scope: string): boolean => known?.missing.includes(scope) ?? false;
  const wasGranted = (scope: string): boolean => known?.granted.includes(scope) ?? false;
  const groups = [
    all.filter(wasGranted),
    all.filter((scope) => !wasGranted(scope) && !wasMissing(scope)),
    ...all.filter(wasMissing).map((scope) => [scope]),
  ];
  return groups.filter((group) => group.length > 0);
}

function halves(group: readonly string[]): string[][] {
  const middle = group.length >> 1;
  return [group.slice(0, middle), group.slice(middle)];
}
