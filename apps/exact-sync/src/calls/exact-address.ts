import type { TenantValue } from '@relay/contracts';

/** Practice ids are opaque text, so they are encoded. `below`: segment, id of a record, part of it. */
export function practicePath(
  tenant: Pick<TenantValue, 'practiceId'>,
  ...below: readonly (string | undefined)[]
): string {
  const parts = [tenant.practiceId ?? '', ...below.filter((part) => part !== undefined)];
  return `/v1/Practices/${parts.map((part) => encodeURIComponent(part.toWellFormed())).join('/')}`;
}

/** False for an id that some server could read as a way up in the path, out of its practice, or that cannot be written. */
export function fitsInPath(id: string): boolean {
  return id.isWellFormed() && !id.split(/[/\\]/).some((part) => part === '.' || part === '..');
}
