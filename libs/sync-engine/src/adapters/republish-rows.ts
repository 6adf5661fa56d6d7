import type { Tx } from '@relay/database';
import type { RepublishReason, RepublishRow } from '../ports/stored-rows.js';

/** What the read-back has found wrong in a shard. */
export async function readRepublish(tx: Tx, shard: number, limit: number): Promise<RepublishRow[]> {
  const rows = await tx.query<{
    tenant_id: string;
    resource: string;
    record_id: string;
    reason: RepublishReason;
    seen_version: string | null;
  }>('select * from republish where shard = $1 order by noted_at limit $2', [shard, limit]);
  return rows.map((r) => ({
    tenantId: r.tenant_id,
    resource: r.resource,
    recordId: r.record_id,
    reason: r.reason,
    seenVersion: r.seen_version === null ? null : Number(r.seen_version),
  }));
}

export async function removeRepublish(tx: Tx, shard: number, row: RepublishRow): Promise<void> {
  await tx.query(
    `delete from republish where shard = $1 and tenant_id = $2 and resource = $3 and record_id = $4
     and reason = $5 and seen_version is not distinct from $6`,
    [shard, row.tenantId, row.resource, row.recordId, row.reason, row.seenVersion],
  );
}

/**
 * Lifts a record above what the log holds, and forgets its content: the next reading makes a version that consumers accept.
 * A record that the mirror does not know gets a row, so that its absence at the vendor becomes a tombstone.
 */
export async function liftAbove(tx: Tx, shard: number, row: RepublishRow, source: string, now: number): Promise<void> {
  const lineage = { cause: 'sweep', trigger: null, noticedAt: null, runId: 'read-back' };
  const at = new Date(now).toISOString();
  await tx.query(
    `insert into record as r (tenant_id, resource, record_id, shard, version, deleted, hash, read_seq, missed, change,
       changed_fields, lineage, source, log_version)
     values ($1, $2, $3, $4, $5, false, '', 0, false, 'updated', '[]', $6, $7, $5)
     on conflict (tenant_id, resource, record_id) do update
       set version = $5, deleted = false, hash = '', list_hash = null, log_version = $5
     where r.version < $5`,
    [
      row.tenantId,
      row.resource,
      row.recordId,
      shard,
      row.seenVersion,
      JSON.stringify({ ...lineage, fetchedAt: at, committedAt: at }),
      source,
    ],
  );
}
