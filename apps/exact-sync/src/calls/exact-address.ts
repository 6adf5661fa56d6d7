import type { TenantValue } from '@relay/contracts';

/** Practice ids are opaque text, so they are encoded. */
export function practicePath(tenant: Pick<TenantValue, 'practiceId'>, segment?: string, recordId?: string): string {
  const parts = [tenant.practiceId ?? '', ...(segment === undefined ? [] : [segment])];
  if (recordId !== undefined) parts.push(recordId);
  return `/v1/Practices/${parts.map((part) => encodeURIComponent(part.toWellFormed())).join('/')}`;
}

/** False for an id that some server could read as a way up in the path, out of its practice, or that cannot be written. */
export function fitsInPath(id: string): boolean {
  return id.isWellFormed() && !id.split(/[/\\]/).some((part) => part === '.' || part === '..');
}
