import type { HookupValue } from '@relay/contracts';
import { lockClassOf, type Tx } from '@relay/database';

/** The topics whose messages may wait in the spill: registrations, which nobody can find out about later. */
export const SPILLED_TOPICS = ['hookup.v1', 'held-hookup.v1'] as const;
export type SpilledTopic = (typeof SPILLED_TOPICS)[number];

/** A registration as it goes to Kafka, whichever way. */
export interface SpilledMessage {
  readonly topic: SpilledTopic;
  readonly value: HookupValue;
}

export interface SpilledRow extends SpilledMessage {
  readonly spillId: string;
}

/** Second half of the advisory lock that whoever empties the spill holds. */
const DRAIN_LOCK = 1;

/** False: the spill is full. Two at once may pass the limit by one each; that is near enough. */
export async function insertSpilled(tx: Tx, { topic, value }: SpilledMessage, limit: number): Promise<boolean> {
  const rows = await tx.query(
    `insert into spill (topic, tenant_id, message_key, value, received_at)
     select $1, $2, $3, $4, $5 where (select count(*) from spill) < $6
     returning spill_id`,
    [topic, value.tenantId, value.credentialId, JSON.stringify(value), value.receivedAt, limit],
  );
  return rows.length > 0;
}

export async function countSpilled(tx: Tx): Promise<number> {
  const [row] = await tx.query<{ count: string }>('select count(*) as count from spill');
  return Number(row?.count ?? 0);
}

/** Makes this transaction the only one that empties the spill. False: another process is at it. */
export async function lockDrain(tx: Tx): Promise<boolean> {
  const [row] = await tx.query<{ locked: boolean }>('select pg_try_advisory_xact_lock($1, $2) as locked', [
    lockClassOf('gateway'),
    DRAIN_LOCK,
  ]);
  return row?.locked === true;
}

/** The oldest message of each tenant: sending no more of a tenant at once keeps its messages in order. */
export async function oldestOfEachTenant(tx: Tx, limit: number): Promise<SpilledRow[]> {
  const rows = await tx.query<{ spill_id: string; topic: SpilledTopic; value: string }>(
    `select spill_id, topic, value from spill
     where spill_id in (select min(spill_id) from spill group by tenant_id order by min(spill_id) limit $1)
     order by spill_id`,
    [limit],
  );
  return rows.map(({ spill_id, topic, value }) => ({
    spillId: spill_id,
    topic,
    value: JSON.parse(value) as HookupValue,
  }));
}

export async function dropSpilled(tx: Tx, rows: readonly SpilledRow[]): Promise<void> {
  await tx.query('delete from spill where spill_id = any($1::bigint[])', [rows.map((row) => row.spillId)]);
}
