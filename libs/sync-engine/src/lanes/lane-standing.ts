import type { TenantValue } from '@relay/contracts';
import { NEW_LANE, type LaneState } from '../core/lane-state.js';
import type { EventOrigin } from '../core/record-version.js';
import type { Connector, ResourceSpec } from '../ports/connector.js';

/** A lane's state as a new owner may go on with it. */
export function takenOver(stored: LaneState | null, present: LaneState, { changedAt }: TenantValue): LaneState {
  const state = stored === null ? present : { ...NEW_LANE, ...stored };
  // Tokens live in memory: what this process has of them is not known from what another one lacked.
  const isVoid = state.block !== null && state.block.since < Date.parse(changedAt);
  return isWithoutToken(state) || isVoid ? { ...state, block: null } : state;
}

export function isWithoutToken({ block }: LaneState): boolean {
  return block?.kind === 'no-token' || block?.kind === 'credential-rejected' || block?.kind === 'unauthorized';
}

/** The tenant, or what preparing goes by, is another one than was prepared; or it was to be prepared again about now. */
export function isPrepareDue(state: LaneState, { version }: TenantValue, connector: Connector, now: number): boolean {
  if (connector.prepare === undefined) return false;
  const { preparedVersion, preparedBy = null, prepareAt, prepareHeld = false } = state;
  const by = connector.preparesBy ?? null;
  if (preparedVersion !== version || preparedBy !== by) return !prepareHeld || (prepareAt ?? 0) <= now;
  return prepareAt !== null && prepareAt <= now;
}

export function originOf(connector: Connector, tenant: TenantValue): EventOrigin {
  return {
    vendor: connector.vendor,
    source: connector.sourceOf(tenant),
    urlOf: (resource, recordId) => connector.urlOf(tenant, resource, recordId),
  };
}

export function specOf(connector: Connector, resource: string): ResourceSpec {
  const spec = connector.resources.find(({ name }) => name === resource);
  if (spec === undefined) throw new Error(`no resource ${resource}`);
  return spec;
}
