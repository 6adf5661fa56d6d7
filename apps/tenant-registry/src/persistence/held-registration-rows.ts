import type { HookupValue } from '@relay/contracts';
import type { Tx } from '@relay/database';
import { OPEN_HOLD, holdOf, type HeldHostDetail, type HoldRecord, type HoldRow } from './hold-rows.js';

const KIND = `kind = 'host-not-allowed'`;
const RECEIVED_AT = `(detail->>'receivedAt')::timestamptz`;

export interface HeldRegistration {
  readonly holdId: string;
  readonly value: HookupValue;
  readonly detail: HeldHostDetail;
  readonly now: string;
}

/** Raises the hold of a registration, or brings the open one of the same client up to date. Null: a newer one waits. */
export async function raiseHostHold(tx: Tx, held: HeldRegistration): Promise<{ raised: boolean } | null> {
  const { holdId, value, detail, now } = held;
  const [row] = await tx.query<{ hold_id: string }>(
    `insert into hold (hold_id, kind, tenant_id, credential_id, detail, registration, expires_at, raised_at)
     values ($1, 'host-not-allowed', $2, $3, $4, $5, $6, $7)
     on conflict ${OPEN_HOLD} do update
       set detail = excluded.detail, registration = excluded.registration, expires_at = excluded.expires_at
       where (hold.detail->>'receivedAt')::timestamptz < (excluded.detail->>'receivedAt')::timestamptz
     returning hold_id`,
    [holdId, value.tenantId, value.credentialId, JSON.stringify(detail), JSON.stringify(value), detail.expiresAt, now],
  );
  return row === undefined ? null : { raised: row.hold_id === holdId };
}

/** True when this message, or a later one of the same client, was decided on or registered already. */
export async function isSettled(tx: Tx, { credentialId, receivedAt }: HookupValue): Promise<boolean> {
  const rows = await tx.query(
    `select 1 from hold where ${KIND} and credential_id = $1 and closed_at is not null and ${RECEIVED_AT} >= $2
     union all select 1 from credential where credential_id = $1 and registered_at >= $2`,
    [credentialId, receivedAt],
  );
  return rows.length > 0;
}

/** The registration that waits with an open hold; null when it is not open any more. */
export async function heldRegistration(tx: Tx, holdId: string): Promise<HookupValue | null> {
  const [row] = await tx.query<{ registration: string | null }>(
    `select registration from hold where hold_id = $1 and ${KIND} and closed_at is null`,
    [holdId],
  );
  return typeof row?.registration === 'string' ? (JSON.parse(row.registration) as HookupValue) : null;
}

/** Every registration that waits, as it lies there. */
export async function openRegistrations(tx: Tx): Promise<{ holdId: string; registration: string }[]> {
  const rows = await tx.query<{ hold_id: string; registration: string }>(
    `select hold_id, registration from hold where ${KIND} and closed_at is null and registration is not null
     order by raised_at`,
  );
  return rows.map((row) => ({ holdId: row.hold_id, registration: row.registration }));
}

/** Closes what a registration that was taken in has overtaken: older ones of the same client. */
export async function closeOvertaken(
  tx: Tx,
  { credentialId, receivedAt }: HookupValue,
  now: string,
): Promise<HoldRecord[]> {
  return closeWhere(tx, 'registered', now, `credential_id = $3 and ${RECEIVED_AT} <= $4`, [credentialId, receivedAt]);
}

export async function closeExpired(tx: Tx, now: string): Promise<HoldRecord[]> {
  return closeWhere(tx, 'expired', now, 'expires_at <= $1', []);
}

/** Closes the oldest beyond so many. */
export async function closeBeyond(tx: Tx, most: number, now: string): Promise<HoldRecord[]> {
  const beyond = `hold_id in (
    select hold_id from hold where ${KIND} and closed_at is null order by raised_at desc, hold_id desc offset $3)`;
  return closeWhere(tx, 'dropped', now, beyond, [most]);
}

/** Forgets closed ones; by then their messages have left the topic, so that none of them can come again. */
export async function forgetClosed(tx: Tx, closedBefore: string): Promise<void> {
  await tx.query(`delete from hold where ${KIND} and closed_at < $1`, [closedBefore]);
}

async function closeWhere(
  tx: Tx,
  outcome: 'registered' | 'expired' | 'dropped',
  now: string,
  condition: string,
  params: readonly unknown[],
): Promise<HoldRecord[]> {
  const rows = await tx.query<HoldRow>(
    `update hold set closed_at = $1, outcome = $2, registration = null
     where ${KIND} and closed_at is null and ${condition} returning *`,
    [now, outcome, ...params],
  );
  return rows.map(holdOf);
}
