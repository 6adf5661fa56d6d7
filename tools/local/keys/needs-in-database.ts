import { kidOf } from '#sealing';
import type { HookupValue } from '#contracts';
import type { Tx } from '#database';
import { builtFile } from '../services.ts';
import { counted } from './needs-in-topics.ts';
import type { Need } from './verdicts.ts';

type Columns = typeof import('../../../apps/token-broker/src/persistence/encrypted-columns.js');
type Listings = typeof import('../../../apps/provet-sync/src/persistence/webhook-listing-rows.js');
type Held = typeof import('../../../apps/tenant-registry/src/persistence/held-registration-rows.js');

/** What lies in the services' tables and needs a key. A service that was never started has none. */
export async function needsInDatabase(tx: Tx): Promise<Need[]> {
  return [...(await encryptedColumns(tx)), ...(await sealedRegistrations(tx)), ...(await webhooks(tx))];
}

async function encryptedColumns(tx: Tx): Promise<Need[]> {
  if (!(await enter(tx, 'token_broker', 'refresh_grant'))) return [];
  const { ENCRYPTED_COLUMNS, countByKid, nameOf } = (await import(
    builtFile('token-broker', 'persistence/encrypted-columns.js')
  )) as Columns;
  const needs: Need[] = [];
  for (const column of ENCRYPTED_COLUMNS) {
    for (const [kid, count] of await countByKid(tx, column)) {
      needs.push({ set: 'STORAGE_KEYS_JWKS', kid, by: nameOf(column), count });
    }
  }
  return needs;
}

async function sealedRegistrations(tx: Tx): Promise<Need[]> {
  const needs: Need[] = [];
  if (await enter(tx, 'gateway', 'spill')) {
    const rows = await tx.query<{ value: string }>('select value from spill');
    const kids = rows.map(({ value }) => sealedTo(value));
    needs.push(...counted('CREDENTIAL_PRIVATE_JWKS', "the gateway's spill", kids));
  }
  if (await enter(tx, 'tenant_registry', 'hold')) {
    const file = builtFile('tenant-registry', 'persistence/held-registration-rows.js');
    const { openRegistrations } = (await import(file)) as Held;
    const kids = (await openRegistrations(tx)).map(({ registration }) => sealedTo(registration));
    needs.push(...counted('CREDENTIAL_PRIVATE_JWKS', 'open holds', kids));
  }
  return needs;
}

/** Spare ones are served by a hook of the first key as well: nothing is lost with them. */
async function webhooks(tx: Tx): Promise<Need[]> {
  if (!(await enter(tx, 'provet_sync', 'webhook_listing'))) return [];
  const { keyUses } = (await import(builtFile('provet-sync', 'persistence/webhook-listing-rows.js'))) as Listings;
  const uses = (await keyUses(tx)).filter(({ isSpare }) => !isSpare);
  return uses.flatMap(({ keyId, tenantId, by, hooks }) => {
    if (keyId === null) return [];
    const made = by === 'people' ? 'webhooks made by people of' : 'webhooks of';
    return [{ set: 'WEBHOOK_KEYS', kid: keyId, by: `${made} ${tenantId}`, count: hooks } as const];
  });
}

/** Makes the schema the one that is asked; false when it, or the table, is not there (yet). */
async function enter(tx: Tx, schema: string, table: string): Promise<boolean> {
  const [row] = await tx.query<{ there: boolean }>('select to_regclass($1) is not null as there', [
    `${schema}.${table}`,
  ]);
  if (row?.there !== true) return false;
  await tx.query(`set search_path to ${schema}`);
  return true;
}

function sealedTo(value: string): string | null {
  return kidOf((JSON.parse(value) as HookupValue).registration.client_secret ?? '');
}
