import { provetTenantId, type TenantValue } from '@relay/contracts';

/**
 * Base of a tenant's API, from what the registry accepted at its registration and from nothing that an answer says.
 * Null for a tenant whose host, id or credential are not its own, which the registry never makes.
 */
export function apiBase(tenant: TenantValue): string | null {
  const { tenantId, host, provetId, scheme, credentialId } = tenant;
  if (host === null || provetId === null || provetTenantId(host, provetId) !== tenantId) return null;
  if (credentialId !== null && !credentialId.startsWith(`${tenantId}/`)) return null;
  const base = `${scheme ?? 'https'}://${host}/${provetId}/api/0.1/`;
  // Anything in a host that is no host would be read as something else.
  return /[/\\?#@\s]/.test(host) || URL.parse(base) === null ? null : base;
}

/** Without the trailing slash the vendor answers 301, which costs a second request. */
export function recordPath(path: string, recordId: string): string {
  return `${path}/${encodeURIComponent(recordId)}/`;
}
