import type { BreakerState, SyncPhase, TenantState } from '@relay/contracts';
import type { ResourceFacts } from './model.js';

export type BlockKind =
  'no-token' | 'credential-rejected' | 'unauthorized' | 'subscription-doubtful' | 'not-listed' | 'tenant-not-found';

export interface PhaseQuestion {
  readonly tenant: { readonly state: TenantState; readonly reason: string | null };
  readonly facts: ResourceFacts;
  readonly block: BlockKind | null;
  readonly breaker: BreakerState;
  readonly parked: number;
  readonly records: number;
  readonly prepareReason: string | null;
  /** Why its own server does not answer; null = it has none, or nothing is known of its hours. */
  readonly absence: string | null;
}

export interface PhaseAnswer {
  readonly phase: SyncPhase;
  readonly reason: string | null;
}

/** What a tenant's resource is doing, in the words of `sync-status`. The first that applies. */
export function phaseOf(q: PhaseQuestion): PhaseAnswer {
  const { tenant, facts } = q;
  if (tenant.state === 'pending') return { phase: 'waiting', reason: tenant.reason };
  if (tenant.state !== 'active') return { phase: 'paused', reason: tenant.reason ?? tenant.state };
  if (q.block === 'tenant-not-found') return { phase: 'paused', reason: q.block };
  if (q.block !== null) return { phase: facts.liveAt === null ? 'waiting' : 'paused', reason: q.block };
  if (q.breaker !== 'closed') return { phase: 'offline', reason: q.absence ?? 'unavailable' };
  if (facts.forbiddenUntil !== null) return { phase: 'forbidden', reason: facts.forbiddenReason };
  if (facts.heldAt !== null) return { phase: 'paused', reason: 'deletions-held' };
  if (facts.broken || (q.parked > 0 && q.parked * 2 > q.records + q.parked)) {
    return { phase: 'broken', reason: 'records-unreadable' };
  }
  if (facts.liveAt === null)
    return { phase: facts.firstReading === null ? 'waiting' : 'backfill', reason: q.prepareReason };
  return { phase: 'live', reason: q.prepareReason };
}
