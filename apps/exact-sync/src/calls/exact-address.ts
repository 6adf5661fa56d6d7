import type { TenantValue } from '@relay/contracts';

/** Practice ids are opaque text, so they are encoded. */
export function practicePath(tenant: Pick<TenantValue, 'practiceId'>, segment?: string, recordId?: string): string {
  const parts = [tenant.practiceId ?? '', ...(segment === undefined ? [] : [segment])];
  if (recordId !== undefined) parts.push(recordId);
  return `/v1/Practices/${parts.map(encodeURIComponent).join('/')}`;
}
