import type { Tx } from '@relay/database';

/** One thing to do for a credential. `scopes`: find out what an EXACT client may do. */
export interface DueWork {
  readonly kind: 'candidate' | 'token' | 'scopes';
  readonly credentialId: string;
  /** Of the token; else empty. */
  readonly scopes: string;
  readonly shard: number;
  readonly dueAt: number;
  /** Whose server is asked: Provet's host, or `exact`. */
  readonly host: string;
}

interface Row {
  kind: DueWork['kind'];
  credential_id: string;
  scopes: string;
  shard: number;
  due_at: string;
  host: string;
}

/** The host within a Provet tenant's id, which a number follows. */
const HOST = `coalesce(substring(tenant_id from '^provet:(.*):[^:]*$'), 'exact')`;

/**
 * The next things to do in the given shards, soonest first, whether due already or not. Work of an EXACT environment that
 * is not the configured one rests: its credential belongs to another configuration. So does that of hosts that do not
 * answer.
 */
export async function nextWork(
  tx: Tx,
  shards: readonly number[],
  exactOwner: string | null,
  silentHosts: readonly string[],
  limit: number,
): Promise<DueWork[]> {
  const rows = await tx.query<Row>(
    `select * from (
       (${soonestOf('candidate', `'candidate' as kind, credential_id, '' as scopes`)})
       union all
       (${soonestOf('token', `'token', credential_id, scopes`)})
       union all
       (select 'scopes', credential_id, '', shard, due_at, 'exact' from exact_scopes
        where shard = any($1) and due_at is not null and tenant_id = $2 and 'exact' <> all($4))
     ) work order by due_at limit $3`,
    [shards, exactOwner, limit, silentHosts],
  );
  return rows.map((row) => ({
    kind: row.kind,
    credentialId: row.credential_id,
    scopes: row.scopes,
    shard: row.shard,
    dueAt: Number(row.due_at),
    host: row.host,
  }));
}

/**
 * The soonest rows of a table in each shard, out of its index on (shard, due_at): what is looked at is a page for each shard,
 * however much is due. One list over all shards would be sorted whole, at every look.
 */
function soonestOf(table: 'candidate' | 'token', named: string): string {
  return `select soonest.* from unnest($1::integer[]) as held (shard) cross join lateral (
    select ${named}, shard, due_at, ${HOST} as host from ${table}
    where ${table}.shard = held.shard and due_at is not null
      and (tenant_id not like 'exact:%' or tenant_id = $2) and ${HOST} <> all($4)
    order by due_at limit $3) soonest`;
}

/** Puts work off that cannot be done at the moment, so that it does not stand in the way of the rest. */
export async function putOff(tx: Tx, work: DueWork, until: number): Promise<void> {
  const { kind, credentialId, scopes, dueAt } = work;
  // Only the due time that was seen: whoever has changed it since knows better.
  if (kind === 'token') {
    await tx.query('update token set due_at = $3 where credential_id = $1 and scopes = $2 and due_at = $4', [
      credentialId,
      scopes,
      until,
      dueAt,
    ]);
  } else {
    const table = kind === 'candidate' ? 'candidate' : 'exact_scopes';
    await tx.query(`update ${table} set due_at = $2 where credential_id = $1 and due_at = $3`, [
      credentialId,
      until,
      dueAt,
    ]);
  }
}

/** A host answers again: what has failed for its silence is due now. What waits for another reason is left alone. */
export async function bringForward(tx: Tx, shards: readonly number[], host: string, now: number): Promise<void> {
  await tx.query(
    `update token set attempts = 0, retry_at = null, due_at = $3
     where shard = any($1) and ${HOST} = $2 and attempts > 0 and retire_at is null and due_at > $3`,
    [shards, host, now],
  );
  await tx.query(
    `update candidate set attempts = 0, due_at = $3
     where shard = any($1) and ${HOST} = $2 and attempts > 0 and due_at > $3`,
    [shards, host, now],
  );
  await tx.query(
    `update exact_scopes set attempts = 0, due_at = $3
     where shard = any($1) and $2 = 'exact' and attempts > 0 and due_at > $3`,
    [shards, host, now],
  );
}
