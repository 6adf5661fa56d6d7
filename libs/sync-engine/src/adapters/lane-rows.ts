import { Prepared, type Tx } from '@relay/database';
import type { LaneState } from '../core/lane-state.js';
import { COUNTER_NAMES, type Counters, type PassCursor, type ResourceFacts } from '../core/model.js';
import type { CursorWrite, LaneWrite, LoadedLanes, ResourceWrite } from '../ports/stored-rows.js';
import { addTriggerCounts, readTriggers } from './trigger-rows.js';

type CounterRow = { [K in keyof Counters]: string };

/** The state of a shard's lanes; of one tenant when it is named. */
export async function readLanes(tx: Tx, shard: number, tenantId: string | null = null): Promise<LoadedLanes> {
  const where = 'where shard = $1 and ($2::text is null or tenant_id = $2)';
  const lanes = await tx.query<{ tenant_id: string; state: LaneState }>(`select tenant_id, state from lane ${where}`, [
    shard,
    tenantId,
  ]);
  const cursors = await tx.query<{ tenant_id: string; resource: string; state: PassCursor; met: string[] | null }>(
    `select tenant_id, resource, state, met from cursor ${where}`,
    [shard, tenantId],
  );
  const resources = await tx.query<
    CounterRow & {
      tenant_id: string;
      resource: string;
      facts: ResourceFacts | null;
      notices_delivered: boolean;
      records: string;
    }
  >(`select * from resource_state ${where}`, [shard, tenantId]);
  const triggersOf = await readTriggers(tx, shard, tenantId);
  return {
    lanes: lanes.map((r) => ({ tenantId: r.tenant_id, state: r.state })),
    cursors: cursors.map((r) => ({ tenantId: r.tenant_id, resource: r.resource, cursor: { ...r.state, met: r.met } })),
    resources: resources.map((r) => ({
      tenantId: r.tenant_id,
      resource: r.resource,
      facts: r.facts,
      noticesDelivered: r.notices_delivered,
      records: Number(r.records),
      counters: Object.fromEntries(COUNTER_NAMES.map((name) => [name, Number(r[name])])) as Counters,
      triggers: triggersOf(r.tenant_id, r.resource),
    })),
  };
}

export async function writeLanes(tx: Tx, shard: number, lanes: readonly LaneWrite[]): Promise<void> {
  if (lanes.length === 0) return;
  await tx.query(UPSERT_LANES, [JSON.stringify(lanes.map((l) => ({ tenant_id: l.tenantId, state: l.state }))), shard]);
}

const UPSERT_LANES = new Prepared(`insert into lane (tenant_id, shard, state) select tenant_id, $2, state
  from json_to_recordset($1::json) as v(tenant_id text, state jsonb)
  on conflict (tenant_id) do update set state = excluded.state, shard = excluded.shard`);

export async function writeCursors(tx: Tx, shard: number, cursors: readonly CursorWrite[]): Promise<void> {
  if (cursors.length === 0) return;
  const values = cursors.map(({ tenantId, resource, cursor }) => {
    const { met, ...state } = cursor;
    return { tenant_id: tenantId, resource, pass: cursor.pass, state, met };
  });
  await tx.query(UPSERT_CURSORS, [JSON.stringify(values), shard]);
}

const UPSERT_CURSORS =
  new Prepared(`insert into cursor as c (tenant_id, resource, pass, shard, state, met) select tenant_id, resource, pass, $2, state, met
  from json_to_recordset($1::json) as v(tenant_id text, resource text, pass text, state jsonb, met jsonb)
  on conflict (tenant_id, resource, pass) do update set state = excluded.state, met = excluded.met`);

/** Counters are added, never set: the notice handler counts beside the lanes. */
export async function writeResources(tx: Tx, shard: number, writes: readonly ResourceWrite[]): Promise<void> {
  if (writes.length === 0) return;
  const values = [...writes]
    // One order for all writers of these rows: two transactions can wait for each other, but never in a circle.
    .sort((a, b) => (a.tenantId + '\0' + a.resource < b.tenantId + '\0' + b.resource ? -1 : 1))
    .map((w) => ({
      tenant_id: w.tenantId,
      resource: w.resource,
      facts: w.facts,
      notices_delivered: w.noticesDelivered,
      records: w.records,
      ...w.counters,
    }));
  await tx.query(ADD_TO_RESOURCES, [JSON.stringify(values), shard]);
  await addTriggerCounts(tx, shard, writes);
}

const ADD_TO_RESOURCES =
  new Prepared(`insert into resource_state as s (tenant_id, resource, shard, facts, notices_delivered, records, notices, duplicates,
    late, missed, healed, deleted)
  select tenant_id, resource, $2, facts, notices_delivered, records, notices, duplicates, late, missed, healed, deleted
  from json_to_recordset($1::json) as v(tenant_id text, resource text, facts jsonb, notices_delivered boolean,
    records bigint, notices bigint, duplicates bigint, late bigint, missed bigint, healed bigint, deleted bigint)
  on conflict (tenant_id, resource) do update set
    facts = coalesce(excluded.facts, s.facts),
    notices_delivered = s.notices_delivered or excluded.notices_delivered,
    records = s.records + excluded.records, notices = s.notices + excluded.notices,
    duplicates = s.duplicates + excluded.duplicates, late = s.late + excluded.late,
    missed = s.missed + excluded.missed, healed = s.healed + excluded.healed, deleted = s.deleted + excluded.deleted`);

export async function readNoticePosition(tx: Tx, shard: number): Promise<bigint> {
  const rows = await tx.query<{ next_offset: string }>('select next_offset from notice_position where shard = $1', [
    shard,
  ]);
  return BigInt(rows[0]?.next_offset ?? 0);
}

/** Moves on and says where it stood, in one statement: a commit that is still on its way is waited for. */
export async function writeNoticePosition(tx: Tx, shard: number, nextOffset: bigint): Promise<bigint> {
  const [row] = await tx.query<{ before_offset: string | null }>(MOVE_NOTICE_POSITION, [shard, String(nextOffset)]);
  return BigInt(row?.before_offset ?? 0);
}

const MOVE_NOTICE_POSITION = new Prepared(`insert into notice_position as n (shard, next_offset) values ($1, $2)
  on conflict (shard) do update set
    next_offset = greatest(n.next_offset, excluded.next_offset), before_offset = n.next_offset
  returning before_offset`);

export async function dropLane(tx: Tx, tenantId: string): Promise<void> {
  await tx.query('delete from lane where tenant_id = $1', [tenantId]);
}
