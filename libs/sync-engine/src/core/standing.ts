import type { TenantValue, VerifyOutcome } from '@relay/contracts';
import type { LaneState } from './lane-state.js';

/** Why a tenant is not called now: what an operator's question is answered with, without a call. */
export interface Standing {
  readonly outcome: Extract<VerifyOutcome, 'paused' | 'awaiting-consent' | 'practice-offline-since'>;
  readonly since: number;
  readonly detail: string;
}

/** Null: it may be called. */
export function standingOf(
  tenant: Pick<TenantValue, 'state' | 'reason' | 'changedAt'>,
  lane: Pick<LaneState, 'block' | 'breaker' | 'offlineSince'> | null,
): Standing | null {
  if (tenant.state !== 'active' || lane === null) {
    const waits = tenant.state === 'awaiting-consent' || tenant.reason === 'consent-unconfirmed';
    const detail = tenant.reason === null ? tenant.state : `${tenant.state}: ${tenant.reason}`;
    return { outcome: waits ? 'awaiting-consent' : 'paused', since: Date.parse(tenant.changedAt), detail };
  }
  const { block, breaker, offlineSince } = lane;
  if (block !== null) {
    const waits = block.kind === 'subscription-doubtful' || block.kind === 'not-listed';
    return { outcome: waits ? 'awaiting-consent' : 'paused', since: block.since, detail: block.kind };
  }
  if (breaker.until === null) return null;
  return {
    outcome: 'practice-offline-since',
    since: offlineSince ?? breaker.until,
    detail: 'its server does not answer',
  };
}
