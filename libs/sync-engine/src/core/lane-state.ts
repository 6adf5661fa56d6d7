import { CLOSED_BREAKER, type Breaker } from '@relay/http-client';
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
  /** The tenant's version that was prepared last; null = not yet. */
  readonly preparedVersion: number | null;
  /** What else that preparation went by (`Connector.preparesBy`). Absent in what earlier releases have stored. */
  readonly preparedBy?: string | null;
  readonly prepareAt: number | null;
  /** Resources whose change notices are set up to reach us. */
  readonly noticesFor: readonly string[];
  readonly prepareReason: string | null;
}

export const NEW_LANE: LaneState = {
  breaker: CLOSED_BREAKER,
  block: null,
  preparedVersion: null,
  prepareAt: null,
  noticesFor: [],
  prepareReason: null,
};
