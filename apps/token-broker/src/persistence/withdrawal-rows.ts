import type { Tx } from '@relay/database';

/** A withdrawn tenant whose secrets are not destroyed yet. */
export interface Withdrawal {
  readonly tenantId: string;
  readonly shard: number;
  /** Only what was received up to this instant is meant. */
  readonly withdrawnAt: number;
  /** Failed attempts to revoke its tokens. */
  readonly attempts: number;
}

/** Begins a withdrawal. One that has begun goes on, for all that was received since. False: it had begun. */
export async function openWithdrawal(
  tx: Tx,
  withdrawal: Omit<Withdrawal, 'attempts'>,
  dueAt: number,
): Promise<boolean> {
  const rows = await tx.query<{ is_new: boolean }>(
    `insert into withdrawal (tenant_id, shard, withdrawn_at, due_at) values ($1, $2, $3, $4)
     on conflict (tenant_id) do update set withdrawn_at = greatest(withdrawal.withdrawn_at, excluded.withdrawn_at)
     returning xmax = 0 as is_new`,
    [withdrawal.tenantId, withdrawal.shard, withdrawal.withdrawnAt, dueAt],
  );
  return rows[0]?.is_new === true;
}

export async function dueWithdrawals(tx: Tx, shards: readonly number[], now: number): Promise<Withdrawal[]> {
  const rows = await tx.query<{ tenant_id: string; shard: number; withdrawn_at: string; attempts: number }>(
    'select tenant_id, shard, withdrawn_at, attempts from withdrawal where shard = any($1) and due_at <= $2',
    [shards, now],
  );
  return rows.map((row) => ({
    tenantId: row.tenant_id,
    shard: row.shard,
    withdrawnAt: Number(row.withdrawn_at),
    attempts: row.attempts,
  }));
}

export async function delayWithdrawal(tx: Tx, tenantId: string, dueAt: number): Promise<void> {
  await tx.query('update withdrawal set attempts = attempts + 1, due_at = $2 where tenant_id = $1', [tenantId, dueAt]);
}

/** False when somebody else has finished it, or it was begun again since. */
export async function closeWithdrawal(tx: Tx, tenantId: string, withdrawnAt: number): Promise<boolean> {
  const rows = await tx.query('delete from withdrawal where tenant_id = $1 and withdrawn_at = $2 returning tenant_id', [
    tenantId,
    withdrawnAt,
  ]);
  return rows.length > 0;
}

/** No token is asked for any more: neither renewed, nor in place of one that is refused. */
export async function stopMinting(tx: Tx, credentialIds: readonly string[]): Promise<void> {
  await tx.query('update credential set in_force = false where credential_id = any($1)', [credentialIds]);
  await tx.query('update token set due_at = null where credential_id = any($1)', [credentialIds]);
}
