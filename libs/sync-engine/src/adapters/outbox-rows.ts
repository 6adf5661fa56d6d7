import { Prepared, type Tx } from '@relay/database';
import type { RecordRef } from '../core/model.js';
import type { SeenRecord } from '../ports/stored-rows.js';
import { keyColumns } from './record-rows.js';

/** Those records whose newest version is not the last one that was seen in the log. */
export async function readUnseenRecords(tx: Tx, refs: readonly RecordRef[]): Promise<RecordRef[]> {
  const { tenants, resources, records } = keyColumns(refs);
  const rows = await tx.query<{ tenant_id: string; resource: string; record_id: string }>(UNSEEN, [
    tenants,
    resources,
    records,
  ]);
  return rows.map((r) => ({ tenantId: r.tenant_id, resource: r.resource, recordId: r.record_id }));
}

const UNSEEN = new Prepared(`select r.tenant_id, r.resource, r.record_id
  from unnest($1::text[], $2::text[], $3::text[]) as k(tenant_id, resource, record_id)
  join record r on r.tenant_id = k.tenant_id and r.resource = k.resource and r.record_id = k.record_id
  where r.log_version is distinct from r.version`);

/** By partition the offset behind a resource's last record; null while one was never met in the log. */
export async function readLogOffsets(tx: Tx, tenantId: string, resource: string): Promise<Map<number, bigint> | null> {
  const rows = await tx.query<{ log_partition: number | null; last: string | null; unseen: boolean }>(
    `select log_partition, max(log_offset) as last,
       bool_or(log_version is null and not (change = 'created' and previous_version is null)) as unseen
     from record where tenant_id = $1 and resource = $2 group by log_partition`,
    [tenantId, resource],
  );
  if (rows.some(({ unseen }) => unseen)) return null;
  const offsets = new Map<number, bigint>();
  for (const { log_partition: partition, last } of rows) {
    if (partition !== null && last !== null) offsets.set(partition, BigInt(last) + 1n);
  }
  return offsets;
}

/** How far a resource's topic was noted, by partition. */
export async function readNotedUpTo(tx: Tx, resource: string): Promise<Map<number, bigint>> {
  const rows = await tx.query<{ partition: number; next_offset: string }>(
    'select partition, next_offset from read_back_position where resource = $1',
    [resource],
  );
  return new Map(rows.map(({ partition, next_offset: next }) => [partition, BigInt(next)]));
}

/**
 * Notes where records were met in the log, and how far that is. Rows are locked in the order given. Nearly all of them show the
 * row's own version: those are noted by a statement that does nothing else, and only what is left is judged.
 */
export async function noteSeenRecords(
  tx: Tx,
  seen: readonly SeenRecord[],
  shardOf: (tenantId: string) => number,
): Promise<void> {
  const noted = await tx.query<{ at: number }>(NOTE_CURRENT, [...placeColumns(seen), seen.map((_, at) => at)]);
  if (noted.length === seen.length) return;
  const done = new Set(noted.map(({ at }) => at));
  const left = seen.filter((_, at) => !done.has(at));
  await tx.query(JUDGE_SEEN, [
    ...placeColumns(left),
    left.map((s) => shardOf(s.tenantId)),
    left.map((s) => s.tombstone),
  ]);
}

function placeColumns(seen: readonly SeenRecord[]): unknown[] {
  const { tenants, resources, records } = keyColumns(seen);
  const offsets = seen.map((s) => String(s.offset));
  return [tenants, resources, records, seen.map((s) => s.version), seen.map((s) => s.partition), offsets];
}

const NOTE_CURRENT = new Prepared(`
  with seen as (
    select * from unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::int[], $6::bigint[], $7::int[])
      as s(tenant_id, resource, record_id, seen_version, seen_partition, seen_offset, at)
  ), moved as (
    insert into read_back_position as p (resource, partition, next_offset)
    select resource, seen_partition, max(seen_offset) + 1 from seen group by resource, seen_partition
    on conflict (resource, partition) do update set next_offset = greatest(p.next_offset, excluded.next_offset)
  )
  update record r set log_version = s.seen_version, log_partition = s.seen_partition, log_offset = s.seen_offset
  from seen s
  where r.tenant_id = s.tenant_id and r.resource = s.resource and r.record_id = s.record_id
    and r.version = s.seen_version and (r.log_offset is null or s.seen_offset > r.log_offset)
  returning s.at`);

const JUDGE_SEEN = new Prepared(`
  with seen as (
    select * from unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::int[], $6::bigint[], $7::int[], $8::boolean[])
      as s(tenant_id, resource, record_id, seen_version, seen_partition, seen_offset, shard, tombstone)
  ), noted as (
    update record r
    set log_version = s.seen_version, log_partition = s.seen_partition, log_offset = s.seen_offset
    from seen s
    join record before using (tenant_id, resource, record_id)
    where r.tenant_id = s.tenant_id and r.resource = s.resource and r.record_id = s.record_id
      and (r.log_offset is null or s.seen_offset > r.log_offset)
    returning r.tenant_id, r.resource, r.record_id, r.shard, s.seen_version, r.version, before.log_version as earlier
  ), wrong as (
    select tenant_id, resource, record_id, shard, seen_version,
      case when seen_version > version then 'log-ahead' else 'older-last' end as reason
    from noted where seen_version > version or (seen_version < version and earlier > seen_version)
    union all
    select s.tenant_id, s.resource, s.record_id, s.shard, s.seen_version, 'unknown' from seen s
    -- A tombstone of a record that nobody knows is right: it was purged.
    where not s.tombstone and not exists (select from record r
      where r.tenant_id = s.tenant_id and r.resource = s.resource and r.record_id = s.record_id)
  )
  insert into republish (shard, tenant_id, resource, record_id, reason, seen_version)
  select shard, tenant_id, resource, record_id, reason, seen_version from wrong
  on conflict (shard, tenant_id, resource, record_id) do update
    set reason = excluded.reason, seen_version = greatest(republish.seen_version, excluded.seen_version), noted_at = now()`);
