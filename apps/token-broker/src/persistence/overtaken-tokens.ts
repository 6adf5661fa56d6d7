import type { Tx } from '@relay/database';
import { TOKEN_TABLE } from '../publishing/outbox.js';

/**
 * After a database was restored the log may hold a newer version of a token than the row; the published row then goes
 * above it. A seal is bound to its version, so such a token can be opened by nobody: it is minted anew.
 * Returns how many.
 */
export async function spoilOvertaken(tx: Tx, keys: readonly string[]): Promise<number> {
  const rows = await tx.query(
    `update token t set invalid = true, due_at = (extract(epoch from clock_timestamp()) * 1000)::bigint
     from ${TOKEN_TABLE} p
     where p.row_key = any($1) and p.value is not null and t.retire_at is null and t.due_at is not null
       and p.row_key = t.credential_id || '#' || t.scopes and p.version > t.version
     returning t.credential_id`,
    [keys],
  );
  return rows.length;
}
