import { CLOSED_BREAKER, type Breaker } from '@relay/http-client';
import type { ResourceAccess } from '@relay/contracts';
import type { LastPreparation, NoticesReport } from '../ports/call-outcomes.js';
import type { Hours } from '../presence/core/hours.js';
import type { BlockKind } from './phase.js';

/** Why nothing is asked of a tenant for a while. */
export interface LaneBlock {
  readonly kind: BlockKind;
  /** When it was found. A tenant that has changed since is found out about anew. */
  readonly since: number;
  readonly until: number;
}

/** A lane's durable state. */
export interface LaneState {
  readonly breaker: Breaker;
  readonly block: LaneBlock | null;
  /** When the first of the failures in a row was met that have opened the breaker, or may. */
  readonly offlineSince: number | null;
  /** The tenant's version that was prepared last; null = not yet. */
  readonly preparedVersion: number | null;
  /** What else that preparation went by (`Connector.preparesBy`). Absent in what earlier releases have stored. */
  readonly preparedBy?: string | null;
  readonly prepareAt: number | null;
  /** Resources whose change notices are set up to reach us. */
  readonly noticesFor: readonly string[];
  /** Those for which they ever were, as far as is known: what they do not announce is missed, also while nobody can look. */
  readonly noticesOnceFor?: readonly string[];
  readonly prepareReason: string | null;
  /** When it was prepared last. This and the rest are absent in what earlier releases have stored. */
  readonly preparedAt?: number | null;
  /** The last try has failed: the next one keeps its pause, whatever has changed. */
  readonly prepareHeld?: boolean;
  /** Why it is prepared before its time. */
  readonly prepareWish?: Extract<LastPreparation['why'], 'doubted' | 'asked'> | null;
  readonly prepareMemo?: unknown;
  readonly notices?: NoticesReport | null;
  readonly access?: Readonly<Record<string, ResourceAccess>>;
  /** When the tenant's own server answers, as learnt. */
  readonly hours?: Hours | null;
  /** What was spent of the tenant's limits (`Connector.spending`). */
  readonly spending?: unknown;
}

export const NEW_LANE: LaneState = {
  breaker: CLOSED_BREAKER,
  block: null,
  offlineSince: null,
  preparedVersion: null,
  prepareAt: null,
  noticesFor: [],
  prepareReason: null,
};
