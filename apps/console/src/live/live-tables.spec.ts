import type { SyncStatusValue, TenantValue } from '@relay/contracts';
import { describe, expect, it, vi } from 'vitest';
import { LiveTables } from './live-tables.js';

const tenant = (tenantId: string, state: string, version: number): { key: string; value: TenantValue } => ({
  key: tenantId,
  value: { tenantId, state, version } as TenantValue,
});
const status = (
  key: string,
  missed: number,
  healed: number,
  minute: number,
): { key: string; value: SyncStatusValue } => ({
  key,
  value: {
    counters: { missed, healed },
    updatedAt: new Date(Date.UTC(2026, 0, 1, 0, minute)).toISOString(),
  } as SyncStatusValue,
});

describe('LiveTables', () => {
  it('counts tenants by their newest state, whatever is repeated or late', () => {
    const tables = new LiveTables();
    tables.takeTenant(tenant('a', 'pending', 1));
    tables.takeTenant(tenant('a', 'active', 2));
    tables.takeTenant(tenant('a', 'active', 2));
    tables.takeTenant(tenant('a', 'pending', 1));
    tables.takeTenant(tenant('b', 'active', 1));
    expect(tables.totals().states).toEqual({ pending: 0, active: 2 });
    tables.takeTenant({ key: 'b', value: null });
    expect(tables.totals().states).toEqual({ pending: 0, active: 1 });
  });

  it('adds up missed and healed of the newest statuses', () => {
    const tables = new LiveTables();
    tables.takeStatus(status('exact:qa:A/B/patient', 1, 0, 1));
    tables.takeStatus(status('exact:qa:A/B/patient', 3, 2, 2));
    tables.takeStatus(status('exact:qa:A/B/patient', 1, 0, 1));
    tables.takeStatus(status('t/client', 4, 4, 1));
    expect(tables.totals()).toMatchObject({ missed: 7, healed: 6 });
    expect(tables.statusesOf('exact:qa:A/B')).toHaveLength(1);
    tables.takeStatus({ key: 't/client', value: null });
    expect(tables.totals()).toMatchObject({ missed: 3, healed: 2 });
    expect(tables.statusesOf('t')).toEqual([]);
  });

  it('tells whom a message is about', () => {
    const tables = new LiveTables();
    const told = vi.fn<(tenantId: string) => void>();
    tables.onChange = told;
    tables.takeTenant(tenant('a', 'active', 1));
    tables.takeStatus(status('a/client', 0, 0, 1));
    expect(told.mock.calls).toEqual([['a'], ['a']]);
  });
});
