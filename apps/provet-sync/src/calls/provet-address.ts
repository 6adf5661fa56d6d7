import type { TenantValue } from '@relay/contracts';

/**
 * Base of a tenant's API, from what the registry accepted at its registration and from nothing that an answer says.
 * Null for a tenant without host or id, which the registry never makes.
 */
export function apiBase(tenant: TenantValue): string | null {
  if (tenant.host === null || tenant.provetId === null) return null;
  return `${tenant.scheme ?? 'https'}://${tenant.host}/${tenant.provetId}/api/0.1/`;
}

/** Without the trailing slash the vendor answers 301, which costs a second request. */
export function recordPath(path: string, recordId: string): string {
  return `${path}/${encodeURIComponent(recordId)}/`;
}
