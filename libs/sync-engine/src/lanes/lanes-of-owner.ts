import { parseTenantId } from '@relay/contracts';
import type { Lane } from './lane.js';

/**
 * The lanes whose calls are made with tokens of an owner: the one tenant that it is, found without looking at the others, or
 * all tenants of an environment that share its credential (EXACT).
 */
export function* lanesOfOwner(
  shards: Iterable<{ readonly lanes: ReadonlyMap<string, Lane> }>,
  owner: string,
): Iterable<Lane> {
  const isTenant = parseTenantId(owner) !== null;
  for (const { lanes } of shards) {
    if (isTenant) {
      const lane = lanes.get(owner);
      if (lane !== undefined) yield lane;
      continue;
    }
    for (const [tenantId, lane] of lanes) if (tenantId.startsWith(`${owner}:`)) yield lane;
  }
}
