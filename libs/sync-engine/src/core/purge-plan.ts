import type { HooksRemoval, PurgeReceipt, TenantValue } from '@relay/contracts';

/** What is known of a tenant that was withdrawn once. */
export interface Farewell {
  readonly hooks: HooksRemoval | null;
  readonly purge: PurgeReceipt | null;
}

export const NO_FAREWELL: Farewell = { hooks: null, purge: null };

/**
 * True when the registry has ordered a purge that has no receipt. Asked of a tenant in any state: it may have come back
 * before its records were gone, and whoever reads `tenant.v1` later sees only that.
 */
export function purgeOrdered(tenant: TenantValue, { purge }: Farewell): boolean {
  if (tenant.purgedAt === undefined) return false;
  return purge === null || Date.parse(purge.purgedAt) < Date.parse(tenant.purgedAt);
}

/** True when the tenant was withdrawn and nobody has seen to its webhooks since. */
export function departureDue(tenant: TenantValue, { hooks }: Farewell): boolean {
  if (tenant.state !== 'withdrawn') return false;
  return hooks === null || Date.parse(hooks.at) < Date.parse(tenant.changedAt);
}
