import type { Tx } from '@relay/database';
import { OPEN_HOLD, holdOf, type DeletionsDetail, type HoldRecord, type HoldRow } from './hold-rows.js';

export interface HeldDeletions extends DeletionsDetail {
  readonly tenantId: string;
}

/**
 * Raises the hold of a resource, or brings the open one up to date. One that was decided is not raised again by a status
 * that was written before the sync had heard of the decision. Null: there is none to raise.
 */
export async function raiseDeletions(
  tx: Tx,
  { tenantId, resource, count, since }: HeldDeletions,
  { holdId, now }: { holdId: string; now: string },
): Promise<{ holdId: string; raised: boolean } | null> {
  const [row] = await tx.query<{ hold_id: string }>(
    `insert into hold (hold_id, kind, tenant_id, resource, detail, raised_at)
     select $1, 'deletions', $2, $3, $4, $5 where not exists (
       select 1 from hold where kind = 'deletions' and tenant_id = $2 and resource = $3 and closed_at is not null
         and detail->>'since' = $6)
     on conflict ${OPEN_HOLD} do update set detail = excluded.detail
     returning hold_id`,
    [holdId, tenantId, resource, JSON.stringify({ resource, count, since }), now, since],
  );
  return row === undefined ? null : { holdId: row.hold_id, raised: row.hold_id === holdId };
}

/** Which of these tenants' resources have an open hold on deletions. */
export async function openDeletionHolds(
  tx: Tx,
  tenantIds: readonly string[],
): Promise<{ tenantId: string; resource: string }[]> {
  const rows = await tx.query<{ tenant_id: string; resource: string }>(
    `select tenant_id, resource from hold where kind = 'deletions' and closed_at is null and tenant_id = any($1)`,
    [tenantIds],
  );
  return rows.map((row) => ({ tenantId: row.tenant_id, resource: row.resource }));
}

/** Nothing waits there any more. */
export async function closeDeletions(
  tx: Tx,
  { tenantId, resource }: { tenantId: string; resource: string },
  now: string,
): Promise<HoldRecord[]> {
  const rows = await tx.query<HoldRow>(
    `update hold set closed_at = $3, outcome = 'passed'
     where kind = 'deletions' and tenant_id = $1 and resource = $2 and closed_at is null returning *`,
    [tenantId, resource, now],
  );
  return rows.map(holdOf);
}
