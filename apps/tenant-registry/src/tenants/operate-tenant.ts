import { Problem } from '@relay/service-kit';
import type { ChangeSet, Note } from '../changes/change-set.js';
import { disproveCredentials } from '../persistence/credential-rows.js';
import type { TenantRecord } from '../persistence/tenant-record.js';
import { findTenant } from '../persistence/tenant-rows.js';

export type Operation = 'suspend' | 'resume' | 'withdraw';

export function noSuchTenant(): Problem {
  return new Problem(404, { code: 'no-such-tenant', detail: 'no tenant has this id' });
}

/** Does what an operator asks. Throws 404 for an unknown tenant and 409 where the state does not allow it. */
export async function operateTenant(
  set: ChangeSet,
  tenantId: string,
  operation: Operation,
  note: Note,
): Promise<TenantRecord> {
  const before = await findTenant(set.tx, tenantId);
  if (before === null) throw noSuchTenant();
  const result = await set.advance(before, { kind: operation }, note);
  if (!result.ok) throw new Problem(409, { code: 'illegal-transition', detail: result.refusal });
  // An EXACT practice has no credential of its own: the client of its environment serves the others on.
  if (operation === 'withdraw') await disproveCredentials(set.tx, tenantId);
  return result.record;
}

export interface TenantEdit {
  readonly externalId?: string | null;
  readonly displayName?: string | null;
  readonly labels?: Readonly<Record<string, string>>;
}

/** Changes what the integrator says about a tenant. */
export async function editTenant(
  set: ChangeSet,
  tenantId: string,
  edit: TenantEdit,
  note: Note,
): Promise<TenantRecord> {
  const before = await findTenant(set.tx, tenantId);
  if (before === null) throw noSuchTenant();
  const after: TenantRecord = {
    ...before,
    ...(edit.externalId === undefined ? {} : { externalId: edit.externalId }),
    ...(edit.displayName === undefined ? {} : { givenName: edit.displayName }),
    ...(edit.labels === undefined ? {} : { labels: edit.labels }),
  };
  if (JSON.stringify(after) === JSON.stringify(before)) return before;
  const members = Object.keys(edit).filter((name) => edit[name as keyof TenantEdit] !== undefined);
  return set.save(before, after, { ...note, detail: { members } });
}
