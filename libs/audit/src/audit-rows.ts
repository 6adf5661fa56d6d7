import { randomUUID } from 'node:crypto';
import type { AuditValue } from '@relay/contracts';
import type { Tx } from '@relay/database';

/** An entry that `audit.v1` does not have yet. */
export interface WaitingEntry {
  readonly rowId: string;
  readonly messageKey: string;
  readonly value: AuditValue;
}

/**
 * Writes an entry in the transaction of what it tells of: the one is there if and only if the other is. The key is the
 * tenant, or whoever acted. The entry gets an id, by which readers know it again when it is sent twice.
 */
export async function writeAudit(tx: Tx, value: AuditValue): Promise<void> {
  await tx.query('insert into audit_outbox (message_key, value) values ($1, $2)', [
    value.tenantId ?? value.actor,
    JSON.stringify({ ...value, entryId: randomUUID() }),
  ]);
}

/** The oldest entries that wait, kept from other replicas while the transaction runs. */
export async function waitingAudit(tx: Tx, limit: number): Promise<WaitingEntry[]> {
  const rows = await tx.query<{ entry_id: string; message_key: string; value: AuditValue }>(
    'select * from audit_outbox order by entry_id limit $1 for update skip locked',
    [limit],
  );
  return rows.map((row) => ({ rowId: row.entry_id, messageKey: row.message_key, value: row.value }));
}

export async function dropAudit(tx: Tx, entries: readonly WaitingEntry[]): Promise<void> {
  await tx.query('delete from audit_outbox where entry_id = any($1::bigint[])', [entries.map((one) => one.rowId)]);
}
