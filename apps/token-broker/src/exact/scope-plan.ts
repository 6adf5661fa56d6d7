import { exactScopeSet, type Capabilities, type ExactResource } from '@relay/contracts';
import { nextMintAt } from '../minting/minting-limits.js';

/** The scope sets that tokens are kept for: the base, and one for each resource that may be read. */
export function setsInUse(base: string, resources: readonly ExactResource[], { granted }: Capabilities): string[] {
  const sets = new Set([base]);
  for (const resource of resources) {
    const set = exactScopeSet(resource, granted);
    if (set.kind === 'granted') sets.add(set.scopes);
  }
  return [...sets];
}

/** Sets that have no token which is kept up. */
export function setsWithoutToken(
  sets: readonly string[],
  tokens: readonly { readonly scopes: string; readonly retireAt: number | null }[],
): string[] {
  return sets.filter((set) => !tokens.some(({ scopes, retireAt }) => scopes === set && retireAt === null));
}

/**
 * When scopes may be probed next. A broker that is started again and again must not ask in a loop, so what is wished for is
 * limited like tokens on demand; the pace of the configuration is always allowed.
 */
export function nextProbeAt(probes: readonly number[], everyMs: number, now: number): number {
  const last = probes.at(-1);
  const byPace = last === undefined ? now : last + everyMs * LEAST_JITTER;
  return Math.min(nextMintAt(probes, now), Math.max(now, byPace));
}

/** Pauses are a tenth shorter or longer than configured. */
const LEAST_JITTER = 0.9;

export function areSame(a: Capabilities | null, b: Capabilities): boolean {
  return a !== null && a.granted.join(' ') === b.granted.join(' ') && a.missing.join(' ') === b.missing.join(' ');
}
