import type { SyncStatusValue, TenantValue } from '@relay/contracts';
import { describe, expect, it } from 'vitest';
import { summaryOf } from './tenant-summary.js';

const now = Date.parse('2026-01-01T12:00:00Z');
const tenant = { tenantId: 't', state: 'active', reason: null, changedAt: '2026-01-01T00:00:00Z' } as TenantValue;
const status = (resource: string, completeAsOf: string | null, missed = 0): SyncStatusValue =>
  ({
    tenantId: 't',
    resource,
    phase: 'live',
    completeAsOf,
    lastCheckedAt: '2026-01-01T11:59:50Z',
    counters: { missed, healed: missed },
  }) as SyncStatusValue;

describe('summaryOf', () => {
  it('is as old as the resource that lags most', () => {
    const rows = [status('b', '2026-01-01T11:59:00Z', 2), status('a', '2026-01-01T11:58:00Z', 3)];
    const { sync } = summaryOf(tenant, rows, now);
    expect(sync).toMatchObject({ completeAsOf: '2026-01-01T11:58:00Z', freshnessSeconds: 120, missed: 5, healed: 5 });
    expect(sync?.resources.map((one) => one.resource)).toEqual(['a', 'b']);
  });

  it('calls nothing complete while one resource is not', () => {
    const { sync } = summaryOf(tenant, [status('a', null), status('b', '2026-01-01T11:58:00Z')], now);
    expect(sync).toMatchObject({ completeAsOf: null, freshnessSeconds: 10 });
  });

  it('tells how the practice’s own server stands', () => {
    const presence = {
      standing: 'sleeping',
      since: null,
      expectedAt: '2026-01-02T08:00:00Z',
      unexpected: false,
    } as const;
    const { sync } = summaryOf(tenant, [{ ...status('a', null), presence }, status('b', null)], now);
    expect(sync?.resources.map((one) => one.presence)).toEqual([presence, null]);
  });

  it('has nothing to say before the first status', () => {
    expect(summaryOf(tenant, [], now).sync).toBeNull();
  });
});
