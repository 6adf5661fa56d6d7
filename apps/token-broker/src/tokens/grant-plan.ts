/**
 * The life of a person's consent: a chain of refresh tokens, each of which may be good for one use only. Spending one is
 * announced in the database before it happens; what comes back is stored before anything else is done with it.
 */
export interface GrantState {
  /** Grows with every pair of tokens that is stored. */
  readonly version: number;
  /** Some vendors' grants have none: such a consent ends with its access token. */
  readonly hasRefreshToken: boolean;
  readonly expiresAt: number;
  /** The last announcement of a spend of this version whose outcome is not known. */
  readonly intent: Intent | null;
  /** Spends of this version that were announced and may have happened, the one of `intent` included. */
  readonly tries: number;
  /** Why the consent has ended; null while it lives. */
  readonly lost: string | null;
}

export interface Intent {
  readonly id: string;
  readonly at: number;
}

export type GrantStep =
  /** There is a newer access token than the asker has. */
  | { readonly do: 'use' }
  | { readonly do: 'wait'; readonly until: number }
  | { readonly do: 'spend' }
  /** The one careful repeat of a spend whose outcome nobody has learnt. */
  | { readonly do: 'repeat' }
  /** The consent is over: a person is needed. */
  | { readonly do: 'give-up'; readonly code: string };

/**
 * A request is not written to the socket later than this after its announcement: a process that was paused in between
 * must not spend what another one has repeated meanwhile.
 */
export const SEND_WITHIN_MS = 5000;
/** For storing what came back: a slow database, a process that was paused for a moment. */
const STORE_WITHIN_MS = 10_000;
/** A spend and one repeat. A vendor that answers neither is not asked a third time. */
const MOST_TRIES = 2;
/** Word for a consent that was given up since nobody knows whether its refresh token is spent. */
export const OUTCOME_UNKNOWN = 'refresh-unknown';
/** Word for a consent whose newest tokens were on their way when a process or a connection died: the vendor has moved on. */
export const ANSWER_LOST = 'refresh-answer-lost';

/**
 * How long an announced spend is left alone. Whoever announced it may still get an answer, and nobody must spend the same
 * token beside it. Not longer: where the announcer has died with the answer, some vendors give the same tokens again, for a
 * minute or two.
 */
export function patienceMs(attemptTimeoutMs: number): number {
  return SEND_WITHIN_MS + attemptTimeoutMs + STORE_WITHIN_MS;
}

/** Word for what `invalid_grant` says of the newest token, asked with a state as it was before the spend was announced. */
export function endOf(before: GrantState): string {
  return before.intent === null ? 'invalid_grant' : ANSWER_LOST;
}

/**
 * The vendor has let an announced spend run into its time-out: most likely it is not well, and the repeat is the last try.
 * It is given `restMs` from the announcement, where that is longer than the patience.
 */
export function unanswered(state: GrantState, intentId: string, restMs: number, patience: number): GrantState {
  if (state.intent?.id !== intentId) return state;
  const { id, at } = state.intent;
  return { ...state, intent: { id, at: at + Math.max(0, restMs - patience) } };
}

/**
 * What to do for somebody who has the access token of version `has` (null: none) and needs a newer one. `urgent`: the one
 * it has is refused or expired.
 */
export function nextGrantStep(
  state: GrantState,
  has: number | null,
  urgent: boolean,
  now: number,
  patience: number,
): GrantStep {
  if (has === null || state.version > has) return { do: 'use' };
  if (state.lost !== null) return { do: 'give-up', code: state.lost };
  if (!state.hasRefreshToken) {
    const isOver = urgent || now >= state.expiresAt;
    return isOver ? { do: 'give-up', code: 'no-refresh-token' } : { do: 'wait', until: state.expiresAt };
  }
  if (state.intent === null) return { do: 'spend' };
  const until = state.intent.at + patience;
  if (now < until) return { do: 'wait', until };
  return state.tries < MOST_TRIES ? { do: 'repeat' } : { do: 'give-up', code: OUTCOME_UNKNOWN };
}

/** Announced: must be stored, by comparison with the state it was decided on, before anything is sent. */
export function announced(state: GrantState, intent: Intent): GrantState {
  return { ...state, intent, tries: state.tries + 1 };
}

/**
 * An announced spend has surely not happened. Others that were announced may have: those go on being unknown. A consent
 * that was given up because too many were unknown lives again.
 */
export function takenBack(state: GrantState, intentId: string, now: number): GrantState {
  const tries = Math.max(0, state.tries - 1);
  const lost = state.lost === OUTCOME_UNKNOWN ? null : state.lost;
  if (tries === 0 || state.intent === null) return { ...state, intent: null, tries, lost };
  return { ...state, intent: state.intent.id === intentId ? { ...state.intent, at: now } : state.intent, tries, lost };
}

/** A new pair has come back. Vendors may keep the refresh token as it is. */
export function renewed(state: GrantState, expiresAt: number): GrantState {
  return { ...state, version: state.version + 1, expiresAt, intent: null, tries: 0, lost: null };
}

/** The consent is over. What was announced is kept: it may still turn out well. */
export function ended(state: GrantState, code: string): GrantState {
  return { ...state, lost: code };
}
