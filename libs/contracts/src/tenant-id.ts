import type { Vendor } from './services.js';

/**
 * Tenant ids (contract §4): `provet:<host>:<provet_id>` with `host` in lower case and with `:port` unless it is https on
 * 443, `exact:<environment>:<practiceId>` with the practice id exactly as the vendor spells it.
 */
export type TenantId = string;

export const EXACT_ENVIRONMENTS = ['production', 'qa'] as const;
export type ExactEnvironment = (typeof EXACT_ENVIRONMENTS)[number];

export type TenantRef =
  | { vendor: 'provet'; host: string; provetId: number }
  | { vendor: 'exact'; environment: ExactEnvironment; practiceId: string };

export function provetTenantId(host: string, provetId: number): TenantId {
  return `provet:${host.toLowerCase()}:${provetId}`;
}

export function exactTenantId(environment: ExactEnvironment, practiceId: string): TenantId {
  return `exact:${environment}:${practiceId}`;
}

/** The pseudo tenant that owns an EXACT environment's credential, subscription list and token (`exact:qa`). */
export function exactEnvironmentId(environment: ExactEnvironment): string {
  return `exact:${environment}`;
}

/** Reads a tenant id; null when it is none. The provet id is what follows the last colon; a practice id may hold colons. */
export function parseTenantId(id: string): TenantRef | null {
  if (id.startsWith('provet:')) {
    const match = /^provet:([^/\s]+):([1-9]\d{0,15})$/.exec(id);
    if (!match) return null;
    return { vendor: 'provet', host: match[1] as string, provetId: Number(match[2]) };
  }
  const match = /^exact:(production|qa):(.+)$/s.exec(id);
  if (!match) return null;
  return { vendor: 'exact', environment: match[1] as ExactEnvironment, practiceId: match[2] as string };
}

export function vendorOf(tenantId: string): Vendor {
  return tenantId.startsWith('exact:') ? 'exact' : 'provet';
}

/** `{host}` of tenant ids and webhook paths: lower case, `:port` unless https on 443. */
export function hostOf(url: URL): string {
  const port = url.port || (url.protocol === 'http:' ? '80' : '');
  return (port ? `${url.hostname}:${port}` : url.hostname).toLowerCase();
}

export function credentialIdOf(owner: string, clientId: string): string {
  return `${owner}/${clientId}`;
}
