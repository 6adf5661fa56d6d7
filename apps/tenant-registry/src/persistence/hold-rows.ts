import type { ExactEnvironment, Grant } from '@relay/contracts';
import type { Tx } from '@relay/database';

/** What a mass-loss hold remembers of the listing that raised it. */
export interface MassLossDetail {
  /** Practices that the newest held listing does not name, as tenant ids. */
  readonly lost: readonly string[];
  readonly limit: number;
  readonly listed: number;
  readonly observedAt: string;
}

/** What a hold tells of a registration whose host is not allowed. Never its secret, not even sealed. */
export interface HeldHostDetail {
  readonly credentialId: string;
  readonly host: string;
  readonly provetId: number;
  readonly clientId: string;
  readonly grant: Grant;
  readonly receivedAt: string;
  /** It is dropped then, unless somebody has decided. */
  readonly expiresAt: string;
}

/** The vendor has not known a tenant's client for long: it has most likely uninstalled the integration. */
export interface UninstalledDetail {
  readonly credentialId: string;
  readonly invalidSince: string;
}

/** So many records of a resource are gone at the vendor that a person must say whether that is so. */
export interface DeletionsDetail {
  readonly resource: string;
  readonly count: number;
  /** When the first of them was held. */
  readonly since: string;
}

/** A hold of each kind with what it remembers. */
type HeldMatter =
  | { readonly kind: 'mass-loss'; readonly detail: MassLossDetail }
  | { readonly kind: 'host-not-allowed'; readonly detail: HeldHostDetail }
  | { readonly kind: 'uninstalled'; readonly detail: UninstalledDetail }
  | { readonly kind: 'deletions'; readonly detail: DeletionsDetail };

export const HOLD_KINDS = [
  'mass-loss',
  'host-not-allowed',
  'uninstalled',
  'deletions',
] as const satisfies HeldMatter['kind'][];
export type HoldKind = HeldMatter['kind'];

export type HoldRecord = HeldMatter & {
  readonly holdId: string;
  readonly tenantId: string | null;
  readonly environment: ExactEnvironment | null;
  readonly raisedAt: string;
};

export interface HoldRow {
  hold_id: string;
  kind: HoldKind;
  tenant_id: string | null;
  environment: ExactEnvironment | null;
  detail: HoldRecord['detail'];
  raised_at: Date;
  closed_at: Date | null;
}

/** The index that allows one open hold of a kind for the same matter. */
export const OPEN_HOLD = `(kind, coalesce(environment, ''), coalesce(tenant_id, ''), coalesce(credential_id, ''),
  coalesce(resource, '')) where closed_at is null`;

/** Raises the environment's hold, or brings the open one up to date. */
export async function raiseMassLoss(
  tx: Tx,
  hold: { holdId: string; environment: ExactEnvironment; detail: MassLossDetail; now: string },
): Promise<{ holdId: string; raised: boolean }> {
  const [row] = await tx.query<{ hold_id: string }>(
    `insert into hold (hold_id, kind, environment, detail, raised_at) values ($1, 'mass-loss', $2, $3, $4)
     on conflict ${OPEN_HOLD}
       do update set detail = excluded.detail
     returning hold_id`,
    [hold.holdId, hold.environment, JSON.stringify(hold.detail), hold.now],
  );
  const holdId = row?.hold_id ?? hold.holdId;
  return { holdId, raised: holdId === hold.holdId };
}

/** Closes the environment's open hold, if there is one. */
export async function closeMassLoss(
  tx: Tx,
  environment: ExactEnvironment,
  outcome: string,
  now: string,
): Promise<string | null> {
  const [row] = await tx.query<{ hold_id: string }>(
    `update hold set closed_at = $2, outcome = $3
     where kind = 'mass-loss' and environment = $1 and closed_at is null returning hold_id`,
    [environment, now, outcome],
  );
  return row?.hold_id ?? null;
}

/** Closes one hold by its id; a sealed registration that waited with it is destroyed. Null: it is not open any more, `undefined`: it never was. */
export async function closeHold(
  tx: Tx,
  holdId: string,
  outcome: 'approved' | 'rejected',
  now: string,
): Promise<HoldRecord | null | undefined> {
  const [row] = await tx.query<HoldRow>('select * from hold where hold_id = $1 for update', [holdId]);
  if (row === undefined) return undefined;
  if (row.closed_at !== null) return null;
  await tx.query('update hold set closed_at = $2, outcome = $3, registration = null where hold_id = $1', [
    holdId,
    now,
    outcome,
  ]);
  return holdOf(row);
}

/** The environment of a hold, to lock it before the hold itself. */
export async function environmentOfHold(tx: Tx, holdId: string): Promise<ExactEnvironment | null> {
  const [row] = await tx.query<{ environment: ExactEnvironment | null }>(
    'select environment from hold where hold_id = $1',
    [holdId],
  );
  return row?.environment ?? null;
}

/** Open holds, oldest first, one more than asked for when there are more. */
export async function openHolds(
  tx: Tx,
  page: { after?: { raisedAt: string; holdId: string } | undefined; limit: number },
): Promise<HoldRecord[]> {
  const rows = await tx.query<HoldRow>(
    `select * from hold where closed_at is null
       and ($1::timestamptz is null or (date_trunc('milliseconds', raised_at), hold_id) > ($1::timestamptz, $2::text))
     order by date_trunc('milliseconds', raised_at), hold_id limit $3`,
    [page.after?.raisedAt ?? null, page.after?.holdId ?? null, page.limit + 1],
  );
  return rows.map(holdOf);
}

/** Open holds that concern a tenant: its own, and its environment's. */
export async function holdsOn(
  tx: Tx,
  tenant: { tenantId: string; environment: ExactEnvironment | null },
): Promise<HoldRecord[]> {
  const rows = await tx.query<HoldRow>(
    'select * from hold where closed_at is null and (tenant_id = $1 or environment = $2) order by raised_at',
    [tenant.tenantId, tenant.environment],
  );
  return rows.map(holdOf);
}

/** One hold, open or closed. */
export async function findHold(tx: Tx, holdId: string): Promise<HoldRecord | null> {
  const [row] = await tx.query<HoldRow>('select * from hold where hold_id = $1', [holdId]);
  return row === undefined ? null : holdOf(row);
}

/** How many holds of each kind are open. */
export async function countHolds(tx: Tx): Promise<{ kind: HoldKind; count: number }[]> {
  const rows = await tx.query<{ kind: HoldKind; count: string }>(
    'select kind, count(*) as count from hold where closed_at is null group by kind',
  );
  return rows.map(({ kind, count }) => ({ kind, count: Number(count) }));
}

export function holdOf(row: HoldRow): HoldRecord {
  return {
    holdId: row.hold_id,
    // The two were written together by whoever raised it.
    ...({ kind: row.kind, detail: row.detail } as HeldMatter),
    tenantId: row.tenant_id,
    environment: row.environment,
    raisedAt: row.raised_at.toISOString(),
  };
}
