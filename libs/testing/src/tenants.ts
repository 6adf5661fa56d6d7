import { exactTenantId, provetTenantId, type TenantValue } from '@relay/contracts';

const common = {
  state: 'active',
  reason: null,
  version: 1,
  grant: 'client_credentials',
  externalId: null,
  displayName: null,
  changedAt: '2026-01-01T00:00:00.000Z',
} as const satisfies Partial<TenantValue>;

/** An active Provet tenant as `tenant.v1` has it. */
export function provetTenant(over: Partial<TenantValue> = {}): TenantValue {
  const host = over.host ?? 'vet.example.com';
  const provetId = over.provetId ?? 17;
  const tenantId = provetTenantId(host, provetId);
  return {
    ...common,
    tenantId,
    vendor: 'provet',
    host,
    scheme: 'https',
    provetId,
    environment: null,
    practiceId: null,
    credentialId: `${tenantId}/client-1`,
    ...over,
  };
}

/** An active EXACT practice as `tenant.v1` has it. */
export function exactTenant(over: Partial<TenantValue> = {}): TenantValue {
  const practiceId = over.practiceId ?? 'UKTEST1';
  return {
    ...common,
    tenantId: exactTenantId('qa', practiceId),
    vendor: 'exact',
    host: null,
    scheme: null,
    provetId: null,
    environment: 'qa',
    practiceId,
    credentialId: 'exact:qa/client-1',
    ...over,
  };
}
