import type { VersionCause } from '@relay/contracts';
import { Prepared, type Tx } from '@relay/database';
import type { Delayed, Raised, Served } from '../core/effects.js';
import { refText, type PassName, type PendingDetail, type PendingEntry, type Trigger } from '../core/model.js';
import type { PendingChange } from '../ports/engine-store.js';
import type { NoticedRecord } from '../ports/stored-rows.js';

interface Row {
  tenant_id: string;
  resource: string;
  record_id: string;
  generation: string;
  cause: string;
  trigger: string | null;
  delete_trigger: boolean;
  first_notice_at: string | null;
  last_notice_at: string | null;
  notices: number;
  attempts: number;
  next_attempt_at: string;
  parked: boolean;
  pass: string | null;
  run_id: string | null;
  detail: PendingDetail;
}

const COLUMNS = `tenant_id, resource, record_id, generation, cause, trigger, delete_trigger, first_notice_at, last_notice_at,
  notices, attempts, next_attempt_at, parked, pass, run_id, detail`;

/** The same, where another relation has columns of these names. */
const OF_P = COLUMNS.split(/,\s*/)
  .map((column) => `p.${column}`)
  .join(', ');

function triggerOf(text: string | null): Trigger | null {
  if (text === null || text === 'any') return text;
  return Number(text);
}

function entryOf(r: Row): PendingEntry {
  return {
    tenantId: r.tenant_id,
    resource: r.resource,
    recordId: r.record_id,
    generation: Number(r.generation),
    cause: r.cause as VersionCause,
    trigger: triggerOf(r.trigger),
    deleteTrigger: r.delete_trigger,
    firstNoticeAt: r.first_notice_at === null ? null : Number(r.first_notice_at),
    lastNoticeAt: r.last_notice_at === null ? null : Number(r.last_notice_at),
    notices: r.notices,
    attempts: r.attempts,
    nextAttemptAt: Number(r.next_attempt_at),
    parked: r.parked,
    pass: r.pass as PassName | null,
    runId: r.run_id,
    detail: r.detail,
  };
}

/**
 * Notes that records were announced. A record that waits already gets a new generation: whatever is being fetched for it
 * now may be older than this notice, and leaves the row.
 */
export async function upsertNoticed(
  tx: Tx,
  shard: number,
  noticed: readonly NoticedRecord[],
  now: number,
): Promise<PendingEntry[]> {
  if (noticed.length === 0) return [];
  const values = noticed.map((n) => ({
    tenant_id: n.tenantId,
    resource: n.resource,
    record_id: n.recordId,
    shard,
    trigger: String(n.trigger),
    delete_trigger: n.deleteTrigger,
    first_notice_at: n.firstNoticeAt,
    last_notice_at: n.lastNoticeAt,
    notices: n.notices,
  }));
  const rows = await tx.query<Row>(UPSERT_NOTICED, [JSON.stringify(values), now]);
  return rows.map(entryOf);
}

const UPSERT_NOTICED =
  new Prepared(`insert into pending as p (tenant_id, resource, record_id, shard, cause, trigger, delete_trigger, first_notice_at,
    last_notice_at, notices, next_attempt_at)
  select tenant_id, resource, record_id, shard, 'notice', trigger, delete_trigger, first_notice_at, last_notice_at,
    notices, $2::bigint
  from json_to_recordset($1::json) as v(tenant_id text, resource text, record_id text, shard int, trigger text,
    delete_trigger boolean, first_notice_at bigint, last_notice_at bigint, notices int)
  on conflict (tenant_id, resource, record_id) do update set
    generation = nextval('pending_generation'), cause = 'notice', trigger = excluded.trigger,
    delete_trigger = excluded.delete_trigger,
    first_notice_at = coalesce(p.first_notice_at, excluded.first_notice_at),
    last_notice_at = greatest(p.last_notice_at, excluded.last_notice_at),
    notices = p.notices + excluded.notices, attempts = 0, parked = false,
    -- A deletion that waits for a person goes on waiting, unless the record turns out to be there.
    next_attempt_at = excluded.next_attempt_at,
    detail = jsonb_strip_nulls(jsonb_build_object('listHash', p.detail->'listHash', 'asked', p.detail->'asked'))
  returning ${COLUMNS}`);

/** Records found by a check. Where one waits already, it stays as it is. */
export async function insertRaised(tx: Tx, shard: number, raised: readonly Raised[]): Promise<PendingEntry[]> {
  if (raised.length === 0) return [];
  const unique = new Map(raised.map((r) => [refText(r), r]));
  const values = [...unique.values()].map((r) => ({
    tenant_id: r.tenantId,
    resource: r.resource,
    record_id: r.recordId,
    shard,
    cause: r.cause,
    next_attempt_at: Math.ceil(r.nextAttemptAt),
    pass: r.pass,
    run_id: r.runId,
    detail: r.detail,
  }));
  const rows = await tx.query<Row>(INSERT_RAISED, [JSON.stringify(values)]);
  return rows.map(entryOf);
}

const INSERT_RAISED =
  new Prepared(`insert into pending (tenant_id, resource, record_id, shard, cause, next_attempt_at, pass, run_id, detail)
  select * from json_to_recordset($1::json) as v(tenant_id text, resource text, record_id text, shard int, cause text,
    next_attempt_at bigint, pass text, run_id text, detail jsonb)
  on conflict do nothing returning ${COLUMNS}`);

/** Records that an operator has asked for: due now, under a new generation, with the question. */
export async function askPending(tx: Tx, shard: number, asked: readonly Raised[]): Promise<PendingEntry[]> {
  if (asked.length === 0) return [];
  const unique = new Map(asked.map((r) => [refText(r), r]));
  // In key order: two transactions that touch the same rows can wait for each other, but never in a circle.
  const values = [...unique.values()]
    .sort((a, b) => (refText(a) < refText(b) ? -1 : 1))
    .map((r) => ({
      tenant_id: r.tenantId,
      resource: r.resource,
      record_id: r.recordId,
      shard,
      cause: r.cause,
      next_attempt_at: Math.ceil(r.nextAttemptAt),
      detail: r.detail,
    }));
  const rows = await tx.query<Row>(
    `insert into pending as p (tenant_id, resource, record_id, shard, cause, next_attempt_at, detail)
     select tenant_id, resource, record_id, shard, cause, next_attempt_at, detail
     from json_to_recordset($1::json) as v(tenant_id text, resource text, record_id text, shard int, cause text,
       next_attempt_at bigint, detail jsonb)
     on conflict (tenant_id, resource, record_id) do update set
       generation = nextval('pending_generation'), attempts = 0, parked = false,
       next_attempt_at = excluded.next_attempt_at, detail = p.detail || excluded.detail
     returning ${COLUMNS}`,
    [JSON.stringify(values)],
  );
  return rows.map(entryOf);
}

/**
 * Deletes what was served where its generation is still the one that was read. One that was put off since then is that by an
 * earlier try of the same commit, whose answer was lost: it goes on waiting.
 */
export async function removeServed(tx: Tx, served: readonly Served[]): Promise<PendingChange> {
  if (served.length === 0) return { removed: [], kept: [] };
  const columns = served.map(({ entry }) => entry);
  const keys = [
    columns.map((e) => e.tenantId),
    columns.map((e) => e.resource),
    columns.map((e) => e.recordId),
    columns.map((e) => e.generation),
    columns.map((e) => Math.ceil(e.nextAttemptAt)),
  ];
  const gone = await tx.query<{ tenant_id: string; resource: string; record_id: string }>(DELETE_SERVED, keys);
  const goneKeys = new Set(
    gone.map((r) => refText({ tenantId: r.tenant_id, resource: r.resource, recordId: r.record_id })),
  );
  const rest = columns.filter((entry) => !goneKeys.has(refText(entry)));
  if (rest.length === 0) return { removed: columns, kept: [] };
  // Announced again while it was fetched: those notices that were there before are answered.
  const kept = await tx.query<Row>(KEEP_ANNOUNCED, [
    rest.map((e) => e.tenantId),
    rest.map((e) => e.resource),
    rest.map((e) => e.recordId),
    rest.map((e) => e.generation),
    rest.map((e) => e.notices),
  ]);
  const entries = kept.map(entryOf);
  // What is not there any more was removed by an earlier try, whose answer was lost.
  const keptKeys = new Set(entries.map(refText));
  return { removed: columns.filter((entry) => !keptKeys.has(refText(entry))), kept: entries };
}

const KEEP_ANNOUNCED = new Prepared(`update pending p set
    notices = case when p.generation = k.generation then p.notices else greatest(1, p.notices - k.notices) end
  from unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::int[]) as k(tenant_id, resource, record_id, generation, notices)
  where p.tenant_id = k.tenant_id and p.resource = k.resource and p.record_id = k.record_id
  returning ${OF_P}`);

const DELETE_SERVED = new Prepared(`delete from pending p
  using unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::bigint[]) as k(tenant_id, resource, record_id, generation, next_attempt_at)
  where p.tenant_id = k.tenant_id and p.resource = k.resource and p.record_id = k.record_id
    and p.generation = k.generation and p.next_attempt_at = k.next_attempt_at
  returning p.tenant_id, p.resource, p.record_id`);

/** Puts entries off, where nothing newer has come. */
export async function delayPending(tx: Tx, delayed: readonly Delayed[]): Promise<PendingEntry[]> {
  if (delayed.length === 0) return [];
  const values = delayed.map((d) => ({
    tenant_id: d.entry.tenantId,
    resource: d.entry.resource,
    record_id: d.entry.recordId,
    generation: d.entry.generation,
    next_attempt_at: Math.ceil(d.nextAttemptAt),
    attempts: d.attempts ?? d.entry.attempts,
    parked: d.parked ?? d.entry.parked,
    detail: d.detail ?? d.entry.detail,
  }));
  const rows = await tx.query<Row>(DELAY_PENDING, [JSON.stringify(values)]);
  return rows.map(entryOf);
}

const DELAY_PENDING =
  new Prepared(`update pending p set next_attempt_at = v.next_attempt_at, attempts = v.attempts, parked = v.parked, detail = v.detail
  from json_to_recordset($1::json) as v(tenant_id text, resource text, record_id text, generation bigint,
    next_attempt_at bigint, attempts int, parked boolean, detail jsonb)
  where p.tenant_id = v.tenant_id and p.resource = v.resource and p.record_id = v.record_id and p.generation = v.generation
  returning ${OF_P}`);

/** Everything that waits in a shard for the given tenants, in key order from `after` on. */
export async function readPending(tx: Tx, shard: number, tenantIds: readonly string[]): Promise<PendingEntry[]> {
  const rows = await tx.query<Row>(`select ${COLUMNS} from pending where shard = $1 and tenant_id = any($2)`, [
    shard,
    tenantIds,
  ]);
  return rows.map(entryOf);
}

export async function dropPendingOf(tx: Tx, tenantId: string): Promise<void> {
  await tx.query('delete from pending where tenant_id = $1', [tenantId]);
}

/** Notices of tenants that nobody has heard of are kept for a time only. */
export async function dropPendingBefore(
  tx: Tx,
  shard: number,
  before: number,
  knownTenants: readonly string[],
): Promise<number> {
  const rows = await tx.query<{ tenant_id: string }>(
    `delete from pending where shard = $1 and last_notice_at < $2 and not (tenant_id = any($3)) returning tenant_id`,
    [shard, before, knownTenants],
  );
  return rows.length;
}
