import type { Tx } from '@relay/database';
import type { RecordRef } from '../core/model.js';
import type { RequestState } from '../core/request-state.js';
import type { RecordFilter, RequestRow } from '../ports/stored-rows.js';

export async function readRequests(tx: Tx, shard: number): Promise<RequestRow[]> {
  const rows = await tx.query<{ tenant_id: string; request_id: string; state: RequestState }>(
    'select tenant_id, request_id, state from request where shard = $1 order by tenant_id, request_id',
    [shard],
  );
  return rows.map((row) => ({ tenantId: row.tenant_id, requestId: row.request_id, state: row.state }));
}

export async function writeRequest(tx: Tx, shard: number, row: RequestRow): Promise<void> {
  await tx.query(
    `insert into request (tenant_id, request_id, shard, state) values ($1, $2, $3, $4)
     on conflict (tenant_id, request_id) do update set state = excluded.state`,
    [row.tenantId, row.requestId, shard, JSON.stringify(row.state)],
  );
}

export async function removeRequest(tx: Tx, row: Pick<RequestRow, 'tenantId' | 'requestId'>): Promise<void> {
  await tx.query('delete from request where tenant_id = $1 and request_id = $2', [row.tenantId, row.requestId]);
}

/** A page of the records that a filter means. A version is the instant of its commit, or later. */
export async function readRecordsOf(
  tx: Tx,
  filter: RecordFilter,
  after: Pick<RecordRef, 'resource' | 'recordId'> | null,
  limit: number,
): Promise<RecordRef[]> {
  const rows = await tx.query<{ resource: string; record_id: string }>(
    `select resource, record_id from record
     where tenant_id = $1 and resource = any($2) and ($3 or not deleted)
       and ($4::bigint is null or coalesce(modified_at, version) >= $4)
       and ($5::bigint is null or coalesce(modified_at, version) < $5)
       and (resource, record_id) > ($6, $7)
     order by resource, record_id limit $8`,
    [
      filter.tenantId,
      filter.resources,
      filter.withDeleted,
      filter.from,
      filter.to,
      after?.resource ?? '',
      after?.recordId ?? '',
      limit,
    ],
  );
  return rows.map((row) => ({ tenantId: filter.tenantId, resource: row.resource, recordId: row.record_id }));
}
