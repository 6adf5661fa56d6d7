import type { ConsentInvite, ExactEnvironment, Grant, TenantReason, TenantState, Vendor } from '@relay/contracts';
import type { Tx } from '@relay/database';
import type { Facts } from '../lifecycle/life.js';
import type { PracticeFacts, TenantRecord } from './tenant-record.js';

interface TenantRow {
  tenant_id: string;
  vendor: Vendor;
  state: TenantState;
  reason: TenantReason | null;
  since: Date;
  facts: Facts;
  version: string;
  changed_at: Date;
  host: string | null;
  scheme: 'https' | 'http' | null;
  provet_id: string | null;
  environment: ExactEnvironment | null;
  practice_id: string | null;
  grant_type: Grant;
  credential_id: string | null;
  external_id: string | null;
  vendor_name: string | null;
  given_name: string | null;
  labels: Record<string, string>;
  details: PracticeFacts | null;
  invites: ConsentInvite[];
}

export async function findTenant(tx: Tx, tenantId: string): Promise<TenantRecord | null> {
  const [row] = await tx.query<TenantRow>('select * from tenant where tenant_id = $1', [tenantId]);
  return row ? recordOf(row) : null;
}

export async function tenantsOfEnvironment(tx: Tx, environment: ExactEnvironment): Promise<TenantRecord[]> {
  const rows = await tx.query<TenantRow>('select * from tenant where environment = $1', [environment]);
  return rows.map(recordOf);
}

/** Tenants that have been withdrawn since before an instant (ISO). */
export async function longWithdrawn(tx: Tx, before: string, limit: number): Promise<TenantRecord[]> {
  const rows = await tx.query<TenantRow>(
    `select * from tenant where state = 'withdrawn' and since <= $1 order by since limit $2`,
    [before, limit],
  );
  return rows.map(recordOf);
}

/** Those of the given tenants whose calls were refused when last heard of. */
export async function tenantsRefusedAmong(tx: Tx, tenantIds: readonly string[]): Promise<string[]> {
  const rows = await tx.query<{ tenant_id: string }>(
    `select tenant_id from tenant where tenant_id = any($1::text[]) and facts ->> 'refusedSince' is not null`,
    [tenantIds],
  );
  return rows.map((row) => row.tenant_id);
}

/** Which tenants a list asks for; `after` is the last tenant id of the page before. */
export interface TenantFilter {
  readonly state?: TenantState | undefined;
  readonly vendor?: Vendor | undefined;
  readonly text?: string | undefined;
  readonly after?: string | undefined;
  readonly limit: number;
}

/** A page of tenants in order of their ids, one more than asked for when there are more. */
export async function listTenants(tx: Tx, filter: TenantFilter): Promise<TenantRecord[]> {
  const conditions: string[] = [];
  const params: unknown[] = [];
  const where = (condition: (place: string) => string, value: unknown): void => {
    params.push(value);
    conditions.push(condition(`$${params.length}`));
  };
  if (filter.state !== undefined) where((p) => `state = ${p}`, filter.state);
  if (filter.vendor !== undefined) where((p) => `vendor = ${p}`, filter.vendor);
  // Byte order, whatever the database's own: a cursor must mean the same on every server.
  if (filter.after !== undefined) where((p) => `tenant_id collate "C" > ${p}`, filter.after);
  if (filter.text !== undefined) {
    const searched = `concat_ws(' ', tenant_id, external_id, vendor_name, given_name)`;
    where((p) => `${searched} ilike ${p}`, `%${filter.text.replace(/[\\%_]/g, String.raw`\$&`)}%`);
  }
  const where_ = conditions.length > 0 ? `where ${conditions.join(' and ')}` : '';
  params.push(filter.limit + 1);
  const rows = await tx.query<TenantRow>(
    `select * from tenant ${where_} order by tenant_id collate "C" limit $${params.length}`,
    params,
  );
  return rows.map(recordOf);
}

export async function countTenants(tx: Tx): Promise<{ vendor: Vendor; state: TenantState; count: number }[]> {
  const rows = await tx.query<{ vendor: Vendor; state: TenantState; count: string }>(
    'select vendor, state, count(*) as count from tenant group by vendor, state',
  );
  return rows.map((row) => ({ ...row, count: Number(row.count) }));
}

/** Stores a record whose row must not exist yet. False: another replica was quicker. */
export async function insertTenant(tx: Tx, record: TenantRecord): Promise<boolean> {
  const rows = await tx.query(
    `insert into tenant (tenant_id, vendor, state, reason, since, facts, version, changed_at, host, scheme, provet_id,
       environment, practice_id, grant_type, credential_id, external_id, vendor_name, given_name, labels, details, invites, created_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $8)
     on conflict do nothing returning tenant_id`,
    columnsOf(record),
  );
  return rows.length > 0;
}

/** Stores a record over the version it was made from. False: the row has moved on. */
export async function updateTenant(tx: Tx, record: TenantRecord, from: number): Promise<boolean> {
  const rows = await tx.query(
    `update tenant set vendor = $2, state = $3, reason = $4, since = $5, facts = $6, version = $7, changed_at = $8, host = $9,
       scheme = $10, provet_id = $11, environment = $12, practice_id = $13, grant_type = $14, credential_id = $15,
       external_id = $16, vendor_name = $17, given_name = $18, labels = $19, details = $20, invites = $21
     where tenant_id = $1 and version = $22 returning tenant_id`,
    [...columnsOf(record), from],
  );
  return rows.length > 0;
}

function columnsOf(record: TenantRecord): unknown[] {
  const { life } = record;
  return [
    record.tenantId,
    life.vendor,
    life.state,
    life.reason,
    life.since,
    JSON.stringify(life.facts),
    record.version,
    record.changedAt,
    record.host,
    record.scheme,
    record.provetId,
    record.environment,
    record.practiceId,
    record.grant,
    record.credentialId,
    record.externalId,
    record.vendorName,
    record.givenName,
    JSON.stringify(record.labels),
    record.details === null ? null : JSON.stringify(record.details),
    JSON.stringify(record.invites),
  ];
}

function recordOf(row: TenantRow): TenantRecord {
  return {
    tenantId: row.tenant_id,
    life: {
      vendor: row.vendor,
      state: row.state,
      reason: row.reason,
      since: row.since.toISOString(),
      facts: row.facts,
    },
    version: Number(row.version),
    changedAt: row.changed_at.toISOString(),
    host: row.host,
    scheme: row.scheme,
    provetId: row.provet_id === null ? null : Number(row.provet_id),
    environment: row.environment,
    practiceId: row.practice_id,
    grant: row.grant_type,
    credentialId: row.credential_id,
    externalId: row.external_id,
    vendorName: row.vendor_name,
    givenName: row.given_name,
    labels: row.labels,
    details: row.details,
    invites: row.invites,
  };
}
