import type { CompletenessValue, SyncStatusValue, TenantValue } from '@relay/contracts';

export interface Totals {
  readonly states: Readonly<Record<string, number>>;
  readonly missed: number;
  readonly healed: number;
}

/** A message of a compacted topic. */
export interface TableMessage<T> {
  readonly key: string;
  readonly value: T | null;
}

/** What `tenant.v1`, `sync-status.v1` and `completeness.v1` say at this moment, with totals that are kept up as messages come. */
export class LiveTables {
  private readonly tenants = new Map<string, TenantValue>();
  private readonly statuses = new Map<string, Map<string, SyncStatusValue>>();
  private readonly reports = new Map<string, Map<string, CompletenessValue>>();
  private readonly states = new Map<string, number>();
  private missed = 0;
  private healed = 0;
  /** Called with the id of every tenant that a message is about. */
  onChange: (tenantId: string) => void = () => {};

  takeTenant({ key, value }: TableMessage<TenantValue>): void {
    const before = this.tenants.get(key);
    // Repeats and late messages come: only a newer version counts.
    if (value !== null && before !== undefined && value.version <= before.version) return;
    if (before !== undefined) this.count(before.state, -1);
    if (value === null) this.tenants.delete(key);
    else {
      this.tenants.set(key, value);
      this.count(value.state, 1);
    }
    this.onChange(key);
  }

  takeStatus({ key, value }: TableMessage<SyncStatusValue>): void {
    const { tenantId, resource } = placeOf(key);
    const rows = this.statuses.get(tenantId) ?? new Map<string, SyncStatusValue>();
    const before = rows.get(resource);
    if (value !== null && before !== undefined && Date.parse(value.updatedAt) < Date.parse(before.updatedAt)) return;
    this.missed += (value?.counters.missed ?? 0) - (before?.counters.missed ?? 0);
    this.healed += (value?.counters.healed ?? 0) - (before?.counters.healed ?? 0);
    if (value === null) rows.delete(resource);
    else rows.set(resource, value);
    if (rows.size === 0) this.statuses.delete(tenantId);
    else this.statuses.set(tenantId, rows);
    this.onChange(tenantId);
  }

  takeCompleteness({ key, value }: TableMessage<CompletenessValue>): void {
    const { tenantId, resource } = placeOf(key);
    const rows = this.reports.get(tenantId) ?? new Map<string, CompletenessValue>();
    const before = rows.get(resource);
    if (value !== null && before !== undefined && Date.parse(value.checkedAt) < Date.parse(before.checkedAt)) return;
    if (value === null) rows.delete(resource);
    else rows.set(resource, value);
    if (rows.size === 0) this.reports.delete(tenantId);
    else this.reports.set(tenantId, rows);
    this.onChange(tenantId);
  }

  tenant(tenantId: string): TenantValue | undefined {
    return this.tenants.get(tenantId);
  }

  statusesOf(tenantId: string): SyncStatusValue[] {
    return [...(this.statuses.get(tenantId)?.values() ?? [])];
  }

  /** The newest report of a resource; null = it was never compared. */
  completenessOf(tenantId: string, resource: string): CompletenessValue | null {
    return this.reports.get(tenantId)?.get(resource) ?? null;
  }

  totals(): Totals {
    return { states: Object.fromEntries(this.states), missed: this.missed, healed: this.healed };
  }

  private count(state: string, by: number): void {
    this.states.set(state, (this.states.get(state) ?? 0) + by);
  }
}

/** A resource's name has no slash; a tenant's id may have one. */
function placeOf(key: string): { readonly tenantId: string; readonly resource: string } {
  const slash = key.lastIndexOf('/');
  return { tenantId: key.slice(0, slash), resource: key.slice(slash + 1) };
}
