import type { SyncReplyValue, SyncRequestValue } from '@relay/contracts';
import type { Tx } from '@relay/database';

/** A resync or replay as operators see it. */
export interface SyncRequestView {
  readonly requestId: string;
  readonly kind: string;
  readonly resource: string | null;
  readonly recordIds: readonly string[] | null;
  readonly from: string | null;
  readonly to: string | null;
  readonly requestedBy: string;
  readonly reason: string | null;
  readonly requestedAt: string;
  /** sent, accepted, working, done or refused. */
  readonly status: string;
  readonly code: string | null;
  readonly detail: string | null;
  readonly progress: { readonly asked: number; readonly waiting: number } | null;
  readonly updatedAt: string;
}

interface Row {
  request_id: string;
  kind: string;
  request: SyncRequestValue;
  status: string;
  code: string | null;
  detail: string | null;
  progress: SyncRequestView['progress'];
  requested_at: Date;
  updated_at: Date;
}

/** Shown of a tenant; older ones are in the audit trail. */
const MOST_SHOWN = 20;
const KEPT_DAYS = 30;

export async function keepRequest(tx: Tx, value: SyncRequestValue): Promise<void> {
  const { requestId, tenantId, kind, at } = value;
  await tx.query(`delete from sync_request where requested_at < $1::timestamptz - make_interval(days => $2)`, [
    at,
    KEPT_DAYS,
  ]);
  await tx.query(
    `insert into sync_request (request_id, tenant_id, kind, request, status, requested_at, updated_at)
     values ($1, $2, $3, $4, 'sent', $5, $5)`,
    [requestId, tenantId, kind, JSON.stringify(value), at],
  );
}

export async function forgetRequest(tx: Tx, requestId: string): Promise<void> {
  await tx.query('delete from sync_request where request_id = $1', [requestId]);
}

/** Notes how far requests have come. An answer that comes twice, or late, takes nothing back. */
export async function noteReplies(tx: Tx, replies: readonly SyncReplyValue[]): Promise<void> {
  for (const { requestId, status, code, detail, progress, at } of replies) {
    await tx.query(
      `update sync_request set status = $2, code = $3, detail = $4, progress = coalesce($5, progress), updated_at = $6
       where request_id = $1 and status not in ('done', 'refused') and updated_at <= $6`,
      [requestId, status, code, detail, progress === null ? null : JSON.stringify(progress), at],
    );
  }
}

export async function requestsOf(tx: Tx, tenantId: string): Promise<SyncRequestView[]> {
  const rows = await tx.query<Row>(
    'select * from sync_request where tenant_id = $1 order by requested_at desc limit $2',
    [tenantId, MOST_SHOWN],
  );
  return rows.map(viewOf);
}

function viewOf(row: Row): SyncRequestView {
  const { resource, recordIds, from, to, requestedBy, reason } = row.request;
  return {
    requestId: row.request_id,
    kind: row.kind,
    resource,
    recordIds,
    from,
    to,
    requestedBy,
    reason,
    requestedAt: row.requested_at.toISOString(),
    status: row.status,
    code: row.code,
    detail: row.detail,
    progress: row.progress,
    updatedAt: row.updated_at.toISOString(),
  };
}
