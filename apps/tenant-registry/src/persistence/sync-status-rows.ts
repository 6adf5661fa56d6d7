import type { SyncStatusValue } from '@relay/contracts';
import type { Tx } from '@relay/database';

/** Keeps the newest status of each resource. */
export async function noteSyncStatus(tx: Tx, statuses: readonly SyncStatusValue[]): Promise<void> {
  // One statement cannot touch a row twice: only the newest of each resource is written.
  const newest = new Map<string, SyncStatusValue>();
  for (const status of statuses) {
    const key = JSON.stringify([status.tenantId, status.resource]);
    const before = newest.get(key);
    if (before === undefined || before.updatedAt <= status.updatedAt) newest.set(key, status);
  }
  const rows = [...newest.values()];
  if (rows.length === 0) return;
  await tx.query(
    `insert into sync_status (tenant_id, resource, updated_at, value)
     select * from unnest($1::text[], $2::text[], $3::timestamptz[], $4::jsonb[])
     on conflict (tenant_id, resource) do update set updated_at = excluded.updated_at, value = excluded.value
       where sync_status.updated_at <= excluded.updated_at`,
    [
      rows.map((row) => row.tenantId),
      rows.map((row) => row.resource),
      rows.map((row) => row.updatedAt),
      rows.map((row) => JSON.stringify(row)),
    ],
  );
}

export async function forgetSyncStatus(tx: Tx, tenantId: string, resource: string): Promise<void> {
  await tx.query('delete from sync_status where tenant_id = $1 and resource = $2', [tenantId, resource]);
}

export async function syncStatusesOf(tx: Tx, tenantId: string): Promise<SyncStatusValue[]> {
  const rows = await tx.query<{ value: SyncStatusValue }>(
    'select value from sync_status where tenant_id = $1 order by resource',
    [tenantId],
  );
  return rows.map((row) => row.value);
}
