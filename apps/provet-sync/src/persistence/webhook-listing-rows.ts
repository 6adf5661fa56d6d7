import type { Tx } from '@relay/database';
import type { NotedHook } from '../webhooks/hook-book.js';

/** A tenant that is prepared has a lane; purging takes the lane away, and with it what its webhooks needed. */
const HAS_LANE = 'exists (select from lane where lane.tenant_id = webhook_listing.tenant_id)';
/** What says nothing is kept this long: an earlier listing that is still on its way must not take its place. */
const EMPTY_KEPT_MS = 3_600_000;

/** Puts a listing in the place of an earlier one. */
export async function putListing(
  tx: Tx,
  tenantId: string,
  listedAt: number,
  hooks: readonly NotedHook[],
): Promise<void> {
  await tx.query(
    `insert into webhook_listing (tenant_id, listed_at, hooks) values ($1, $2, $3)
     on conflict (tenant_id) do update set listed_at = excluded.listed_at, hooks = excluded.hooks
     where webhook_listing.listed_at < excluded.listed_at`,
    [tenantId, listedAt, JSON.stringify(hooks)],
  );
  await tx.query(`delete from webhook_listing where (hooks = '[]' or not ${HAS_LANE}) and listed_at < $1`, [
    listedAt - EMPTY_KEPT_MS,
  ]);
}

/** One key at one tenant. */
export interface KeyUse {
  readonly tenantId: string;
  /** Null: a key that nobody here knows. */
  readonly keyId: string | null;
  readonly by: 'relay' | 'people';
  readonly isSpare: boolean;
  readonly hooks: number;
}

export async function keyUses(tx: Tx): Promise<KeyUse[]> {
  const rows = await tx.query<{
    tenant_id: string;
    key_id: string | null;
    made_by: KeyUse['by'];
    is_spare: boolean;
    hooks: string;
  }>(
    `select tenant_id, hook ->> 'keyId' as key_id, hook ->> 'by' as made_by, (hook ->> 'isSpare')::boolean as is_spare,
            count(*) as hooks
     from webhook_listing, jsonb_array_elements(hooks) hook where ${HAS_LANE}
     group by 1, 2, 3, 4 order by 1, 2, 3, 4`,
  );
  return rows.map((row) => ({
    tenantId: row.tenant_id,
    keyId: row.key_id,
    by: row.made_by,
    isSpare: row.is_spare,
    hooks: Number(row.hooks),
  }));
}
