import { fullJitter, type BackoffLimits } from './full-jitter.js';

/** State of a breaker: plain data, so that it can be kept in a row. */
export interface Breaker {
  /** Failures in a row. */
  readonly failures: number;
  /** How often it opened in a row. */
  readonly opens: number;
  /** Open until then (ms); null = closed. After it, one probe may pass. */
  readonly until: number | null;
}

export const CLOSED_BREAKER: Breaker = { failures: 0, opens: 0, until: null };

export interface BreakerLimits extends BackoffLimits {
  /** Failures in a row that open it. */
  readonly failures: number;
}

/** The state after an outcome. A failed probe opens it again for longer; one success closes it. */
export function breakerAfter(
  state: Breaker,
  outcome: 'success' | 'failure',
  now: number,
  limits: BreakerLimits,
  random: () => number = Math.random,
): Breaker {
  if (outcome === 'success') return CLOSED_BREAKER;
  const failures = state.failures + 1;
  // A late failure of a call that began before it opened says nothing new.
  if (state.until !== null && now < state.until) return { ...state, failures };
  if (state.until === null && failures < limits.failures) return { ...state, failures };
  const opens = state.opens + 1;
  return { failures, opens, until: now + fullJitter(limits, opens, random) };
}

/** Whether a call may be made: freely, as the one probe, or not now. The caller sees to it that there is one probe. */
export function breakerAllows(state: Breaker, now: number): 'closed' | 'probe' | 'no' {
  if (state.until === null) return 'closed';
  return now >= state.until ? 'probe' : 'no';
}

const PHASES = { closed: 'closed', probe: 'half-open', no: 'open' } as const;

/** The word for status pages. */
export function breakerPhase(state: Breaker, now: number): 'closed' | 'open' | 'half-open' {
  return PHASES[breakerAllows(state, now)];
}
