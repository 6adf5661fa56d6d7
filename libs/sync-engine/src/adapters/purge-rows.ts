import type { Tx } from '@relay/database';
import type { DeletedRows } from '../ports/engine-store.js';
import type { Marker, PurgeRow, TouchedPartition } from '../ports/stored-rows.js';

export async function readPurges(tx: Tx, shard: number): Promise<PurgeRow[]> {
  const rows = await tx.query<{
    tenant_id: string;
    purged_at: string;
    up_to: string | null;
    counts: Record<string, number>;
  }>('select tenant_id, purged_at, up_to, counts from purge where shard = $1', [shard]);
  return rows.map((row) => ({
    tenantId: row.tenant_id,
    purgedAt: row.purged_at,
    upTo: row.up_to === null ? null : Number(row.up_to),
    counts: row.counts,
  }));
}

export async function writePurge(tx: Tx, shard: number, purge: PurgeRow): Promise<void> {
  await tx.query(
    `insert into purge (tenant_id, shard, purged_at, up_to, counts) values ($1, $2, $3, $4, $5)
     on conflict (tenant_id) do update
       set purged_at = excluded.purged_at, up_to = excluded.up_to, counts = excluded.counts`,
    [purge.tenantId, shard, purge.purgedAt, purge.upTo, JSON.stringify(purge.counts)],
  );
}

export async function removePurge(tx: Tx, tenantId: string): Promise<void> {
  await tx.query('delete from purge where tenant_id = $1', [tenantId]);
}

/** Tenants of whom the tables know a record that was purged already: they were restored from a backup. */
export async function tenantsRestored(
  tx: Tx,
  receipts: readonly { readonly tenantId: string; readonly upTo: number }[],
): Promise<string[]> {
  if (receipts.length === 0) return [];
  const rows = await tx.query<{ tenant_id: string }>(
    `select k.tenant_id from unnest($1::text[], $2::bigint[]) as k(tenant_id, up_to)
     where exists (select from record r where r.tenant_id = k.tenant_id and r.version <= k.up_to)`,
    [receipts.map((one) => one.tenantId), receipts.map((one) => one.upTo)],
  );
  return rows.map((row) => row.tenant_id);
}

/** Forgets what the engine knew about a tenant beside its records: work, places, facts, counters. */
export async function dropWorkOf(tx: Tx, tenantId: string): Promise<void> {
  for (const table of [
    'pending',
    'cursor',
    'lane',
    'resource_state',
    'trigger_count',
    'republish',
    'record_body',
    'request',
  ]) {
    await tx.query(`delete from ${table} where tenant_id = $1`, [tenantId]);
  }
}

/** Deletes some rows whose tombstone was seen in the log. */
export async function deleteSeen(tx: Tx, tenantId: string, upTo: number, limit: number): Promise<DeletedRows> {
  const rows = await tx.query<{ resource: string; log_partition: number }>(
    `delete from record r using (
       select resource, record_id from record
       where tenant_id = $1 and deleted and version <= $2 and log_version = version limit $3
     ) k where r.tenant_id = $1 and r.resource = k.resource and r.record_id = k.record_id
     returning r.resource, r.log_partition`,
    [tenantId, upTo, limit],
  );
  const touched = new Map<string, TouchedPartition>();
  for (const { resource, log_partition: partition } of rows) {
    touched.set(`${resource}/${partition}`, { resource, partition });
  }
  return { deleted: rows.length, touched: [...touched.values()] };
}

/** Records of a tenant that are still in the table: tombstones up to a version, and live ones. */
export async function countLeft(
  tx: Tx,
  tenantId: string,
  upTo: number,
): Promise<{ readonly tombstones: number; readonly live: number }> {
  const [row] = await tx.query<{ tombstones: string; live: string }>(
    `select count(*) filter (where deleted and version <= $2) as tombstones, count(*) filter (where not deleted) as live
     from record where tenant_id = $1`,
    [tenantId, upTo],
  );
  return { tombstones: Number(row?.tombstones ?? 0), live: Number(row?.live ?? 0) };
}

export async function readNewestVersion(tx: Tx, tenantId: string): Promise<number | null> {
  const [row] = await tx.query<{ newest: string | null }>(
    'select max(version) as newest from record where tenant_id = $1',
    [tenantId],
  );
  const newest = row?.newest ?? null;
  return newest === null ? null : Number(newest);
}

/** Keys of the statuses that are published of a tenant. */
export async function statusKeysOf(tx: Tx, statusTable: string, tenantId: string): Promise<string[]> {
  const rows = await tx.query<{ row_key: string }>(
    `select row_key from ${statusTable} where starts_with(row_key, $1) and value is not null`,
    [`${tenantId}/`],
  );
  return rows.map((row) => row.row_key);
}

/** One set of markers a partition, after the last purge that touched it: an earlier one is no longer needed. */
export async function scheduleMarkers(tx: Tx, shard: number, markers: readonly Marker[]): Promise<void> {
  if (markers.length === 0) return;
  await tx.query(
    `insert into purge_marker as m (shard, resource, partition, number, due_at)
     select $1, * from unnest($2::text[], $3::int[], $4::int[], $5::bigint[])
     on conflict (shard, resource, partition, number) do update set due_at = greatest(m.due_at, excluded.due_at)`,
    [
      shard,
      markers.map((one) => one.resource),
      markers.map((one) => one.partition),
      markers.map((one) => one.number),
      markers.map((one) => one.dueAt),
    ],
  );
}

export async function dueMarkers(tx: Tx, shard: number, now: number, limit: number): Promise<Marker[]> {
  const rows = await tx.query<{ resource: string; partition: number; number: number; due_at: string }>(
    `select resource, partition, number, due_at from purge_marker where shard = $1 and due_at <= $2
     order by due_at limit $3`,
    [shard, now, limit],
  );
  return rows.map(({ due_at: dueAt, ...row }) => ({ ...row, dueAt: Number(dueAt) }));
}

/** A marker that was put off meanwhile stays. */
export async function removeMarker(tx: Tx, shard: number, marker: Marker): Promise<void> {
  await tx.query(
    `delete from purge_marker where shard = $1 and resource = $2 and partition = $3 and number = $4 and due_at = $5`,
    [shard, marker.resource, marker.partition, marker.number, marker.dueAt],
  );
}
