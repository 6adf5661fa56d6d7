import { describe, expect, it } from 'vitest';
import { CLOSED_BREAKER } from '@relay/http-client';
import { NEW_LANE } from './lane-state.js';
import { standingOf } from './standing.js';

const changedAt = '2026-11-01T00:00:00.000Z';
const at = Date.parse(changedAt);
const active = { state: 'active', reason: null, changedAt } as const;

describe('standingOf', () => {
  it('lets a tenant be called that nothing is held against', () => {
    expect(standingOf(active, NEW_LANE)).toBeNull();
  });

  it('tells why a tenant is not worked on', () => {
    const suspended = { state: 'suspended', reason: 'operator', changedAt } as const;
    expect(standingOf(suspended, NEW_LANE)).toEqual({ outcome: 'paused', since: at, detail: 'suspended: operator' });
    expect(standingOf({ ...active, state: 'withdrawn' }, null)).toEqual({
      outcome: 'paused',
      since: at,
      detail: 'withdrawn',
    });
    expect(standingOf({ ...active, state: 'awaiting-consent' }, NEW_LANE)?.outcome).toBe('awaiting-consent');
    expect(standingOf({ ...suspended, reason: 'consent-unconfirmed' }, NEW_LANE)?.outcome).toBe('awaiting-consent');
  });

  it('tells what its calls have met', () => {
    const block = (kind: 'no-token' | 'not-listed') => ({ ...NEW_LANE, block: { kind, since: 7, until: 9 } });
    expect(standingOf(active, block('no-token'))).toEqual({ outcome: 'paused', since: 7, detail: 'no-token' });
    expect(standingOf(active, block('not-listed'))?.outcome).toBe('awaiting-consent');
    const open = { ...NEW_LANE, breaker: { ...CLOSED_BREAKER, failures: 5, opens: 1, until: 90 }, offlineSince: 50 };
    expect(standingOf(active, open)).toMatchObject({ outcome: 'practice-offline-since', since: 50 });
  });
});
