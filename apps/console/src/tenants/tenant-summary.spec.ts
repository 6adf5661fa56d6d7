import type { CompletenessValue, SyncStatusValue, TenantValue } from '@relay/contracts';
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

/** Nothing was compared. */
const NEVER = () => null;

describe('summaryOf', () => {
  it('is as old as the resource that lags most', () => {
    const rows = [status('b', '2026-01-01T11:59:00Z', 2), status('a', '2026-01-01T11:58:00Z', 3)];
    const { sync } = summaryOf(tenant, rows, NEVER, now);
    expect(sync).toMatchObject({ completeAsOf: '2026-01-01T11:58:00Z', freshnessSeconds: 120, missed: 5, healed: 5 });
    expect(sync?.resources.map((one) => one.resource)).toEqual(['a', 'b']);
  });

  it('calls nothing complete while one resource is not', () => {
    const { sync } = summaryOf(tenant, [status('a', null), status('b', '2026-01-01T11:58:00Z')], NEVER, now);
    expect(sync).toMatchObject({ completeAsOf: null, freshnessSeconds: 10 });
  });

  it('tells how the practice’s own server stands', () => {
    const presence = {
      standing: 'sleeping',
      since: null,
      expectedAt: '2026-01-02T08:00:00Z',
      unexpected: false,
    } as const;
    const { sync } = summaryOf(tenant, [{ ...status('a', null), presence }, status('b', null)], NEVER, now);
    expect(sync?.resources.map((one) => one.presence)).toEqual([presence, null]);
  });

  it('has nothing to say before the first status', () => {
    expect(summaryOf(tenant, [], NEVER, now).sync).toBeNull();
  });

  it('says how each resource compares with the vendor, and names the first differences', () => {
    const side = (count: number, ids: string[] = []) => ({ count, ids });
    const report = {
      atVendor: { count: 30, digest: '' },
      here: { count: 29, digest: '' },
      unsettled: 1,
      missingHere: side(2, ['7', '8']),
      missingThere: side(1, ['9']),
      differing: side(
        40,
        Array.from({ length: 40 }, (_, n) => `d${n}`),
      ),
      checkedAt: '2026-01-01T11:00:00Z',
    } as CompletenessValue;
    const { sync } = summaryOf(
      tenant,
      [status('a', null), status('b', null)],
      (_, resource) => (resource === 'a' ? report : null),
      now,
    );
    const [a, b] = sync?.resources ?? [];
    expect(a?.completeness).toMatchObject({
      atVendor: 30,
      here: 29,
      differences: 43,
      unsettled: 1,
      checkedAt: report.checkedAt,
    });
    expect(a?.completeness?.named).toEqual(['7', '8', '9', 'd0', 'd1', 'd2', 'd3', 'd4', 'd5', 'd6']);
    expect(b?.completeness).toBeNull();
  });
});
