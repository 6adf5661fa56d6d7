import type { Tx } from '@relay/database';

/** One thing to do for a credential. */
export interface DueWork {
  readonly kind: 'candidate' | 'token';
  readonly credentialId: string;
  /** Of the token; empty for a candidate. */
  readonly scopes: string;
  readonly shard: number;
  readonly dueAt: number;
}

interface Row {
  kind: 'candidate' | 'token';
  credential_id: string;
  scopes: string;
  shard: number;
  due_at: string;
}

/**
 * The next things to do in the given shards, soonest first, whether due already or not. Work of an EXACT environment that
 * is not the configured one rests: its credential belongs to another configuration.
 */
export async function nextWork(
  tx: Tx,
  shards: readonly number[],
  exactOwner: string | null,
  limit: number,
): Promise<DueWork[]> {
  const rows = await tx.query<Row>(
    `select * from (
       (select 'candidate' as kind, credential_id, '' as scopes, shard, due_at from candidate
        where shard = any($1) and due_at is not null and (tenant_id not like 'exact:%' or tenant_id = $2)
        order by due_at limit $3)
       union all
       (select 'token', credential_id, scopes, shard, due_at from token
        where shard = any($1) and due_at is not null and (tenant_id not like 'exact:%' or tenant_id = $2)
        order by due_at limit $3)
     ) work order by due_at limit $3`,
    [shards, exactOwner, limit],
  );
  return rows.map((row) => ({
    kind: row.kind,
    credentialId: row.credential_id,
    scopes: row.scopes,
    shard: row.shard,
    dueAt: Number(row.due_at),
  }));
}

/** Puts work off that cannot be done at the moment, so that it does not stand in the way of the rest. */
export async function putOff(tx: Tx, work: DueWork, until: number): Promise<void> {
  const { kind, credentialId, scopes, dueAt } = work;
  // Only the due time that was seen: whoever has changed it since knows better.
  if (kind === 'candidate') {
    await tx.query('update candidate set due_at = $2 where credential_id = $1 and due_at = $3', [
      credentialId,
      until,
      dueAt,
    ]);
  } else {
    await tx.query('update token set due_at = $3 where credential_id = $1 and scopes = $2 and due_at = $4', [
      credentialId,
      scopes,
      until,
      dueAt,
    ]);
  }
}
