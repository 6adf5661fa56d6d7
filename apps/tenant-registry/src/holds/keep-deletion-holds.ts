import { randomUUID } from 'node:crypto';
import type { SyncStatusValue } from '@relay/contracts';
import { observed, type ChangeSet } from '../changes/change-set.js';
import { closeDeletions, openDeletionHolds, raiseDeletions } from '../persistence/deletion-hold-rows.js';
import { noteClosed } from './keep-registration.js';

/** The newest word on one resource of a tenant; null = it is not spoken of any more. */
export interface ResourceStatus {
  readonly tenantId: string;
  readonly resource: string;
  readonly status: SyncStatusValue | null;
}

/** Raises a hold where a sync has more deletions than are plausible, and closes it when none waits any more. */
export async function keepDeletionHolds(set: ChangeSet, newest: readonly ResourceStatus[]): Promise<void> {
  const open = await openDeletionHolds(set.tx, [...new Set(newest.map(({ tenantId }) => tenantId))]);
  for (const { tenantId, resource, status } of newest) {
    const held = status?.heldDeletions ?? null;
    if (held !== null) {
      const hold = { tenantId, resource, count: held.count, since: held.since };
      const kept = await raiseDeletions(set.tx, hold, { holdId: randomUUID(), now: set.now });
      if (kept?.raised !== true) continue;
      const detail = { holdId: kept.holdId, resource, count: held.count };
      await set.audit(observed('hold-raised', 'deletions'), { tenantId, detail });
    } else if (open.some((one) => one.tenantId === tenantId && one.resource === resource)) {
      await noteClosed(set, await closeDeletions(set.tx, { tenantId, resource }, set.now), 'passed');
    }
  }
}
