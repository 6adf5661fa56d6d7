import type { SyncStatusValue } from '@relay/contracts';
import { describe, expect, it } from 'vitest';
import { verdictOf } from './verdict.js';

const minute = (n: number): string => new Date(Date.UTC(2026, 0, 1, 12, n)).toISOString();
const status = (resource: string, reason: string | null, at: number): SyncStatusValue => ({
  tenantId: 't',
  vendor: 'provet',
  resource,
  phase: 'live',
  reason,
  backfill: null,
  completeAsOf: null,
  lastCheckedAt: null,
  counters: { notices: 0, duplicates: 0, late: 0, missed: 0, healed: 0, deleted: 0 },
  parked: 0,
  unpublished: 0,
  breaker: 'closed',
  updatedAt: minute(at),
});

describe('verdictOf', () => {
  const gone = 'tenant-not-found';

  it('says not found only when every resource says so', () => {
    expect(verdictOf([status('a', gone, 1), status('b', gone, 2)], minute(0)).notFound).toBe(true);
    expect(verdictOf([status('a', gone, 1), status('b', null, 2)], minute(0)).notFound).toBe(false);
    expect(verdictOf([], minute(0)).notFound).toBe(false);
  });

  it('does not hear what was written before the present state', () => {
    expect(verdictOf([status('a', gone, 1), status('b', gone, 2)], minute(3)).notFound).toBe(false);
    expect(verdictOf([status('a', gone, 1), status('b', gone, 5)], minute(3)).notFound).toBe(false);
  });

  it('does not wait for a resource that is no longer enabled', () => {
    expect(verdictOf([status('old', null, 1), status('a', gone, 40), status('b', gone, 41)], minute(0)).notFound).toBe(
      true,
    );
  });

  it('dates refused calls from the first resource that tells of them', () => {
    const rows = [
      status('a', 'subscription-doubtful', 4),
      status('b', 'subscription-doubtful', 2),
      status('c', null, 5),
    ];
    expect(verdictOf(rows, minute(0)).refusedSince).toBe(minute(2));
    expect(verdictOf([status('a', null, 4)], minute(0)).refusedSince).toBeNull();
  });
});
