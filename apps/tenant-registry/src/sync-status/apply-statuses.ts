import type { SyncStatusValue } from '@relay/contracts';
import { observed, type ChangeSet } from '../changes/change-set.js';
import { keepDeletionHolds, type ResourceStatus } from '../holds/keep-deletion-holds.js';
import { forgetSyncStatus, noteSyncStatus, syncStatusesOf } from '../persistence/sync-status-rows.js';
import { findTenant, tenantsRefusedAmong } from '../persistence/tenant-rows.js';
import { SUBSCRIPTION_DOUBTFUL, TENANT_NOT_FOUND, verdictOf } from './verdict.js';

/** A message of `sync-status.v1`: its key is `<tenantId>/<resource>`, and a null value ends the row. */
export interface StatusMessage {
  readonly key: string;
  readonly value: SyncStatusValue | null;
}

/** Keeps the statuses for the admin API. Returns the tenants whose own state they may change. */
export async function keepStatuses(set: ChangeSet, messages: readonly StatusMessage[]): Promise<string[]> {
  const statuses = messages.flatMap(({ value }) => (value === null ? [] : [value]));
  await noteSyncStatus(set.tx, statuses);
  for (const { key, value } of messages) {
    // A resource's name has no slash; a tenant's id may have one.
    const slash = key.lastIndexOf('/');
    if (value === null && slash > 0) await forgetSyncStatus(set.tx, key.slice(0, slash), key.slice(slash + 1));
  }
  await keepDeletionHolds(set, newestOf(messages));
  const telling = statuses.filter(({ reason }) => reason === TENANT_NOT_FOUND || reason === SUBSCRIPTION_DOUBTFUL);
  const refused = await tenantsRefusedAmong(set.tx, [...new Set(statuses.map((one) => one.tenantId))]);
  return [...new Set([...telling.map((one) => one.tenantId), ...refused])];
}

/** The last word on each resource. */
function newestOf(messages: readonly StatusMessage[]): ResourceStatus[] {
  const newest = new Map<string, ResourceStatus>();
  for (const { key, value } of messages) {
    const slash = key.lastIndexOf('/');
    if (slash <= 0) continue;
    newest.set(key, { tenantId: key.slice(0, slash), resource: key.slice(slash + 1), status: value });
  }
  return [...newest.values()];
}

/** Lets a tenant's statuses speak about the tenant as a whole. Only one that is called at all can be judged by them. */
export async function judgeTenant(set: ChangeSet, tenantId: string): Promise<void> {
  const record = await findTenant(set.tx, tenantId);
  if (record === null || record.life.state !== 'active') return;
  const verdict = verdictOf(await syncStatusesOf(set.tx, tenantId), record.life.since);
  if (verdict.notFound) {
    await set.advance(record, { kind: 'not-found' }, observed('not-found'));
  } else if (verdict.refusedSince !== null) {
    await set.advance(record, { kind: 'calls-refused', since: verdict.refusedSince }, observed('calls-refused'));
  } else {
    await set.advance(record, { kind: 'calls-answered' }, observed('calls-answered'));
  }
}
