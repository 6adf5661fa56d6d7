import { hourlyLimitEndsAt, nextMintAt } from '../minting/minting-limits.js';

/** What decides about a token's next step. Instants are Unix milliseconds. */
export interface TokenState {
  readonly renewAt: number;
  /** The vendor has refused the present version. */
  readonly invalid: boolean;
  /** Mints on demand in the last hour, oldest first. */
  readonly mints: readonly number[];
  /** After a failed attempt: not before this instant. */
  readonly retryAt: number | null;
  /** Its credential has been replaced: it is withdrawn at this instant, and not renewed before. */
  readonly retireAt: number | null;
  /** The hourly limit was reached; the credential is published as `refused`. */
  readonly refused: boolean;
}

export type TokenStep =
  | { readonly do: 'wait'; readonly until: number }
  | { readonly do: 'mint'; readonly because: 'invalidated' | 'renewal' }
  /** Say that minting has come to its limit, then wait. */
  | { readonly do: 'refuse' }
  /** Say that it works again. */
  | { readonly do: 'recover' }
  | { readonly do: 'retire' };

/** The next step of one token. Pure: the same state at the same instant always gives the same step. */
export function nextStep(state: TokenState, now: number): TokenStep {
  if (state.retireAt !== null) {
    return now >= state.retireAt ? { do: 'retire' } : { do: 'wait', until: state.retireAt };
  }
  const limitEndsAt = hourlyLimitEndsAt(state.mints, now);
  if (state.invalid) {
    if (limitEndsAt !== null && !state.refused) return { do: 'refuse' };
    const at = Math.max(nextMintAt(state.mints, now), state.retryAt ?? now);
    return at <= now ? { do: 'mint', because: 'invalidated' } : { do: 'wait', until: at };
  }
  const renewAt = Math.max(state.renewAt, state.retryAt ?? 0);
  if (renewAt <= now) return { do: 'mint', because: 'renewal' };
  if (!state.refused) return { do: 'wait', until: renewAt };
  return limitEndsAt === null ? { do: 'recover' } : { do: 'wait', until: Math.min(renewAt, limitEndsAt) };
}

/** When the token is to be looked at next. */
export function dueAt(state: TokenState, now: number): number {
  const step = nextStep(state, now);
  return step.do === 'wait' ? step.until : now;
}
