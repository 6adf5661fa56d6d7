import { randomBytes } from 'node:crypto';
import { recordTopic, type Vendor } from '@relay/contracts';
import type { Database } from '@relay/database';
import type { Scope, Seen, StateMessage, StateStore } from '@relay/state-topic';
import { messageOf } from '../core/record-version.js';
import { parseRefText, refText } from '../core/model.js';
import { keyColumns, readRowsWithBodies, readUnconfirmed, type RowWithBody } from './record-rows.js';

export interface RecordStoreOptions {
  readonly database: Database;
  readonly vendor: Vendor;
  shardOf(tenantId: string): number;
  /** The epoch at which this process holds the tenant's shard; 0 when it does not. */
  epochOf(tenantId: string): number;
}

/** Why a record's message is to be looked at by its owner. */
export type RepublishReason =
  /** An older version stands in the log after a newer one. */
  | 'older-last'
  /** The log is ahead of the row: the database was restored. */
  | 'log-ahead'
  /** The log has a record that the mirror does not know. */
  | 'unknown';

/** Record rows as state topics see them: the row is the outbox, the log columns say what was seen. */
export class RecordStateStore implements StateStore {
  constructor(private readonly options: RecordStoreOptions) {}

  async present(rowKeys: readonly string[]): Promise<StateMessage[]> {
    const rows = await readRowsWithBodies(this.options.database, rowKeys.map(parseRefText));
    return rows.map((row) => this.repeat(row));
  }

  async unseen(rowKeys: readonly string[]): Promise<string[]> {
    const { tenants, resources, records } = keyColumns(rowKeys.map(parseRefText));
    const rows = await this.options.database.query<{ tenant_id: string; resource: string; record_id: string }>(
      `select r.tenant_id, r.resource, r.record_id
       from unnest($1::text[], $2::text[], $3::text[]) as k(tenant_id, resource, record_id)
       join record r on r.tenant_id = k.tenant_id and r.resource = k.resource and r.record_id = k.record_id
       where r.log_version is distinct from r.version`,
      [tenants, resources, records],
    );
    return rows.map((r) => refText({ tenantId: r.tenant_id, resource: r.resource, recordId: r.record_id }));
  }

  async unconfirmed({ shard }: Scope, limit: number, after?: string): Promise<StateMessage[]> {
    if (shard === undefined) throw new Error('records are looked through by shard');
    const { database } = this.options;
    const rows = await readUnconfirmed(database, shard, limit, after === undefined ? null : parseRefText(after));
    return rows.map((row) => this.repeat(row));
  }

  /**
   * Only notes: the process that reads a partition back is in general not the owner of the tenants in it. What is wrong is
   * left in `republish` for the owner.
   */
  async noteSeen(seen: readonly Seen[]): Promise<void> {
    // In key order: two processes that note the same rows for a moment (a rebalance) lock them alike.
    const sorted = [...seen].sort((a, b) => (a.rowKey < b.rowKey ? -1 : 1));
    const refs = sorted.map((s) => parseRefText(s.rowKey));
    const { tenants, resources, records } = keyColumns(refs);
    await this.options.database.query(NOTE_SEEN, [
      tenants,
      resources,
      records,
      refs.map((ref) => this.options.shardOf(ref.tenantId)),
      sorted.map((s) => s.version),
      sorted.map((s) => s.partition),
      sorted.map((s) => String(s.offset)),
      sorted.map((s) => s.tombstone ?? false),
    ]);
  }

  /** The message of a row's newest version, once more. */
  private repeat({ row, body }: RowWithBody): StateMessage {
    return stateMessageOf(
      { row, body },
      { ...this.options, cause: 'replay', epoch: this.options.epochOf(row.tenantId) },
    );
  }
}

export interface StateMessageOptions {
  readonly vendor: Vendor;
  readonly cause: Parameters<typeof messageOf>[2]['cause'];
  readonly epoch: number;
  shardOf(tenantId: string): number;
}

export function stateMessageOf({ row, body }: RowWithBody, options: StateMessageOptions): StateMessage {
  const { vendor, cause, epoch } = options;
  const { key, value, headers } = messageOf(row, body, { vendor, cause, epoch, traceparent: newTraceparent() });
  return {
    rowKey: refText(row),
    version: row.version,
    shard: options.shardOf(row.tenantId),
    message: { topic: recordTopic(vendor, row.resource), key, value, headers },
  };
}

/** W3C trace context of one sending: a trace of its own, not sampled. */
function newTraceparent(): string {
  return `00-${randomBytes(16).toString('hex')}-${randomBytes(8).toString('hex')}-00`;
}

const NOTE_SEEN = `
  with seen as (
    select * from unnest($1::text[], $2::text[], $3::text[], $4::int[], $5::bigint[], $6::int[], $7::bigint[],
        $8::boolean[])
      as s(tenant_id, resource, record_id, shard, seen_version, seen_partition, seen_offset, tombstone)
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
    set reason = excluded.reason, seen_version = greatest(republish.seen_version, excluded.seen_version), noted_at = now()`;
