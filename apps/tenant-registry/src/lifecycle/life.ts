import type { TenantReason, TenantState, Vendor } from '@relay/contracts';

/**
 * What is known about a tenant. The state that others see follows from these facts alone, so two observations that arrive
 * in either order lead to the same state.
 */
export interface Facts {
  readonly presence: 'here' | 'withdrawn' | 'purged';
  /** EXACT: an operator withdrew it while it was subscribed. It returns only after it has left the list once. */
  readonly stillListed: boolean;
  /** An operator has suspended it; only an operator ends that. */
  readonly operatorSuspended: boolean;
  /** Provet: what its credential in force (or, without one, its newest candidate) is worth. */
  readonly credential: 'unknown' | 'proven' | 'rejected' | 'awaiting-consent' | 'redirect-mismatch';
  /** EXACT: missing in the newest good listing of subscriptions. */
  readonly missing: boolean;
  /** EXACT: the practice's details were read since it joined. */
  readonly detailsRead: boolean;
  /** EXACT: since when calls get 403, as the sync saw it (ISO); null when they do not. */
  readonly refusedSince: string | null;
  /** Calls prove that the practice cannot be worked with, whatever else is in order. */
  readonly trouble: 'not-found' | 'subscription-lost' | null;
  /** EXACT: when the listing was asked for that made it `subscription-lost` (ISO); null while it is not. */
  readonly lostAt?: string | null;
  /** EXACT: what speaks for it since: a later listing names it; its details were answered later. Both end the trouble. */
  readonly listedAgain?: boolean;
  readonly answeredAgain?: boolean;
  /** EXACT: the newest details name a version that cannot answer anything of what is enabled. */
  readonly tooOld?: boolean;
  /** When the purge of all its records was ordered last (ISO); it stays with a tenant that returns. */
  readonly purgedAt?: string | null;
}

/** A tenant's state with the facts behind it. `since` is when this state was entered (ISO). */
export interface Life {
  readonly vendor: Vendor;
  readonly state: TenantState;
  readonly reason: TenantReason | null;
  readonly since: string;
  readonly facts: Facts;
}

const NEW_FACTS: Facts = {
  presence: 'here',
  stillListed: false,
  operatorSuspended: false,
  credential: 'unknown',
  missing: false,
  detailsRead: false,
  refusedSince: null,
  trouble: null,
};

/** A tenant that has just joined, or has come back after it was withdrawn. */
export function newLife(vendor: Vendor, now: string, purgedAt: string | null = null): Life {
  const facts = purgedAt === null ? NEW_FACTS : { ...NEW_FACTS, purgedAt };
  return { vendor, state: 'pending', reason: null, since: now, facts };
}

/** The state that follows from the facts. The order is that of importance to who reads it: consent before credentials. */
export function stateOf(vendor: Vendor, facts: Facts): { state: TenantState; reason: TenantReason | null } {
  if (facts.presence !== 'here') return { state: facts.presence, reason: null };
  if (facts.operatorSuspended) return { state: 'suspended', reason: 'operator' };
  if (facts.missing) return { state: 'suspended', reason: 'consent-unconfirmed' };
  if (facts.trouble !== null) return { state: 'suspended', reason: facts.trouble };
  if (vendor === 'exact') {
    if (!facts.detailsRead) return { state: 'pending', reason: null };
    return facts.tooOld === true
      ? { state: 'suspended', reason: 'version-too-old' }
      : { state: 'active', reason: null };
  }
  switch (facts.credential) {
    case 'unknown':
      return { state: 'pending', reason: null };
    case 'proven':
      return { state: 'active', reason: null };
    case 'rejected':
      return { state: 'suspended', reason: 'credential-rejected' };
    case 'awaiting-consent':
      return { state: 'awaiting-consent', reason: null };
    case 'redirect-mismatch':
      // The vendor would not send the person back to us: there is nothing to consent to until it registers anew.
      return { state: 'pending', reason: 'redirect-uri-mismatch' };
    default:
      return facts.credential satisfies never;
  }
}
