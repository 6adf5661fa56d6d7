import type { CredentialValue } from '@relay/contracts';
import type { Tx } from '@relay/database';
import { OPEN_HOLD, holdOf, type HoldRecord, type HoldRow } from './hold-rows.js';

export interface Uninstalled {
  readonly tenantId: string;
  readonly credentialId: string;
  readonly invalidSince: string;
}

/** Notes since when the vendor has not known a credential. A later version may have been noted since. */
export async function noteInvalidSince(tx: Tx, value: CredentialValue): Promise<void> {
  await tx.query('update credential set invalid_since = $3 where credential_id = $1 and version = $2', [
    value.credentialId,
    value.version,
    value.invalidSince ?? null,
  ]);
}

/** Tenants whose vendor has not known their client since before an instant, and who have no other that works. */
export async function longInvalid(tx: Tx, before: string): Promise<Uninstalled[]> {
  const rows = await tx.query<{ owner: string; credential_id: string; invalid_since: Date }>(
    `select c.owner, c.credential_id, c.invalid_since
     from credential c join tenant t on t.tenant_id = c.owner
     where c.invalid_since <= $1 and t.state not in ('withdrawn', 'purged')
       and not exists (
         select 1 from credential o where o.owner = c.owner and o.credential_id <> c.credential_id and o.in_force)
       and not exists (
         select 1 from hold h where h.kind = 'uninstalled' and h.credential_id = c.credential_id
           and (h.closed_at is null or (h.detail->>'invalidSince')::timestamptz = c.invalid_since))`,
    [before],
  );
  return rows.map(({ owner, credential_id, invalid_since }) => ({
    tenantId: owner,
    credentialId: credential_id,
    invalidSince: invalid_since.toISOString(),
  }));
}

/** False: another replica has raised it. */
export async function raiseUninstalled(
  tx: Tx,
  hold: Uninstalled & { readonly holdId: string; readonly now: string },
): Promise<boolean> {
  const { holdId, tenantId, credentialId, invalidSince, now } = hold;
  const rows = await tx.query(
    `insert into hold (hold_id, kind, tenant_id, credential_id, detail, raised_at)
     values ($1, 'uninstalled', $2, $3, $4, $5)
     on conflict ${OPEN_HOLD} do nothing returning hold_id`,
    [holdId, tenantId, credentialId, JSON.stringify({ credentialId, invalidSince }), now],
  );
  return rows.length > 0;
}

/** Closes the holds of tenants that are gone, or whose credential works again or was replaced. */
export async function closePassed(tx: Tx, now: string): Promise<HoldRecord[]> {
  const rows = await tx.query<HoldRow>(
    `update hold h set closed_at = $1, outcome = 'passed'
     where h.kind = 'uninstalled' and h.closed_at is null and not exists (
       select 1 from credential c join tenant t on t.tenant_id = c.owner
       where c.credential_id = h.credential_id and c.invalid_since is not null
         and t.state not in ('withdrawn', 'purged')
         and not exists (
           select 1 from credential o where o.owner = c.owner and o.credential_id <> c.credential_id and o.in_force))
     returning h.*`,
    [now],
  );
  return rows.map(holdOf);
}
