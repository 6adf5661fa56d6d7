import type { CredentialValue } from '@relay/contracts';
import { fullJitter, type BackoffLimits } from '@relay/http-client';
import { isSameConnection, type Connection } from './connection.js';

/** A candidate that nobody could ask about for so long is given up: the vendor's side has surely moved on. */
export const CANDIDATE_LIFE_MS = 72 * 3_600_000;

/** How a credential that was tried stands. `replaced` and `withdrawn` have no secret any more. */
export type CredentialStage = 'proven' | 'refused' | 'rejected' | 'awaiting-consent' | 'replaced' | 'withdrawn';

export interface TriedCredential {
  readonly connection: Connection;
  readonly stage: CredentialStage;
  readonly inForce: boolean;
}

/** What is known about a credential id when its registration arrives again. */
export interface KnownCredential {
  readonly candidate: Connection | null;
  readonly tried: TriedCredential | null;
}

export type RegistrationStep =
  /** Nothing new: only the time of receipt is noted, since the newest received wins. */
  | { readonly do: 'note' }
  | { readonly do: 'try' }
  /** Consent is needed before there can be a token. */
  | { readonly do: 'await-consent' }
  | { readonly do: 'reject'; readonly code: 'no-secret' }
  /** An older message that arrives late changes nothing. */
  | { readonly do: 'ignore' };

/** What a registration asks for. The same message twice must make no second request, whatever was delivered twice. */
export function registrationStep(received: Connection, known: KnownCredential): RegistrationStep {
  const { candidate, tried } = known;
  if (candidate !== null && candidate.receivedAt > received.receivedAt) return { do: 'ignore' };
  if (tried !== null && tried.connection.receivedAt > received.receivedAt) return { do: 'ignore' };
  if (candidate !== null && isSameConnection(candidate, received)) return { do: 'note' };
  const works = tried !== null && tried.inForce && tried.stage !== 'rejected';
  if (works && candidate === null && isSameConnection(tried.connection, received)) return { do: 'note' };
  // One that was tried at this very instant is the same message delivered again, with whatever came of it.
  if (tried !== null && tried.connection.receivedAt === received.receivedAt) return { do: 'ignore' };
  if (received.grant === 'authorization_code') return { do: 'await-consent' };
  if (received.clientType === 'confidential' && received.secret === null) return { do: 'reject', code: 'no-secret' };
  return { do: 'try' };
}

/** What a try of a candidate came to. */
export type CandidateTry =
  /** A token, and a read that the vendor answered. */
  | { readonly kind: 'proved' }
  /** A token that the vendor then did not take. */
  | { readonly kind: 'token-refused' }
  | { readonly kind: 'rejected'; readonly code: string }
  /** The consent that its tokens come from has ended. */
  | { readonly kind: 'over'; readonly code: string }
  | { readonly kind: 'wait'; readonly until: number }
  | FailedTry;

/** Nothing was learnt. `isAlive`: the vendor's server did answer something of its own. */
export interface FailedTry {
  readonly kind: 'failed';
  readonly detail: string;
  readonly retryAfterMs: number | null;
  readonly isAlive: boolean;
}

export type CandidateVerdict =
  | { readonly kind: 'proven' }
  | { readonly kind: 'rejected'; readonly code: string }
  /** A person has to consent again. */
  | { readonly kind: 'await-consent'; readonly code: string }
  /** `fresh`: with another token than the one that was refused. */
  | { readonly kind: 'again'; readonly at: number; readonly fresh: boolean };

export interface TriedCandidate {
  /** When its 72 hours began. */
  readonly since: number;
  /** Tries so far, this one included. */
  readonly attempts: number;
  /** A token of it was refused before. */
  readonly wasRefused: boolean;
  readonly needsConsent: boolean;
}

/** What a try means for a candidate. */
export function candidateVerdict(
  tried: CandidateTry,
  candidate: TriedCandidate,
  now: number,
  limits: BackoffLimits,
  random: () => number,
): CandidateVerdict {
  const lost = (code: string): CandidateVerdict => ({
    kind: candidate.needsConsent ? 'await-consent' : 'rejected',
    code,
  });
  switch (tried.kind) {
    case 'proved':
      return { kind: 'proven' };
    case 'rejected':
      return { kind: 'rejected', code: tried.code };
    case 'over':
      return { kind: 'await-consent', code: tried.code };
    case 'wait':
      return { kind: 'again', at: tried.until, fresh: false };
    case 'token-refused':
      return candidate.wasRefused ? lost('token-refused') : { kind: 'again', at: now, fresh: true };
    case 'failed': {
      if (now - candidate.since >= CANDIDATE_LIFE_MS) return lost('token-endpoint-unreachable');
      const at = now + pause(tried.retryAfterMs, candidate.attempts, limits, random);
      return { kind: 'again', at, fresh: false };
    }
    default:
      return tried satisfies never;
  }
}

/** The vendor's own wish counts when it is longer than ours. */
export function pause(wish: number | null, attempts: number, limits: BackoffLimits, random: () => number): number {
  return Math.max(wish ?? 0, fullJitter(limits, attempts, random));
}

/** A proven candidate takes over unless one that was received later already works. */
export function takesOver(
  candidate: { readonly receivedAt: number },
  inForce: { readonly receivedAt: number } | null,
): boolean {
  return inForce === null || candidate.receivedAt >= inForce.receivedAt;
}

/** What `credential.v1` says about a stage. */
export function healthOf(stage: CredentialStage): CredentialValue['health'] {
  switch (stage) {
    case 'proven':
    // It worked; that it is not used any more is what `inForce` says.
    case 'replaced':
    case 'withdrawn':
      return 'proven';
    case 'refused':
      return 'refused';
    case 'rejected':
      return 'rejected';
    case 'awaiting-consent':
      return 'awaiting-consent';
    default:
      return stage satisfies never;
  }
}
