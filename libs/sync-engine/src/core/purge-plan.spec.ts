import type { HooksRemoval, PurgeReceipt, TenantValue } from '@relay/contracts';
import { describe, expect, it } from 'vitest';
import { NO_FAREWELL, departureDue, purgeOrdered } from './purge-plan.js';

const at = (second: number): string => new Date(Date.UTC(2026, 0, 1, 0, 0, second)).toISOString();
const tenant = (over: Partial<TenantValue>) => ({ state: 'withdrawn', changedAt: at(10), ...over }) as TenantValue;
const receipt = (purgedAt: string) => ({ kind: 'purge', purgedAt }) as PurgeReceipt;
const hooks = (when: string) => ({ kind: 'hooks', at: when }) as HooksRemoval;

describe('a purge', () => {
  it('is ordered by the tenant, and done by its receipt', () => {
    expect(purgeOrdered(tenant({ state: 'purged', purgedAt: at(5) }), NO_FAREWELL)).toBe(true);
    const done = { ...NO_FAREWELL, purge: receipt(at(5)) };
    expect(purgeOrdered(tenant({ state: 'purged', purgedAt: at(5) }), done)).toBe(false);
    expect(purgeOrdered(tenant({ state: 'purged', purgedAt: at(6) }), done)).toBe(true);
  });

  it('is still ordered when the tenant is back already', () => {
    expect(purgeOrdered(tenant({ state: 'pending', purgedAt: at(5) }), NO_FAREWELL)).toBe(true);
  });

  it('is never ordered by a withdrawal alone', () => {
    expect(purgeOrdered(tenant({}), NO_FAREWELL)).toBe(false);
  });
});

describe('a departure', () => {
  it('is due once for each withdrawal', () => {
    expect(departureDue(tenant({}), NO_FAREWELL)).toBe(true);
    expect(departureDue(tenant({}), { ...NO_FAREWELL, hooks: hooks(at(11)) })).toBe(false);
    expect(departureDue(tenant({ changedAt: at(20) }), { ...NO_FAREWELL, hooks: hooks(at(11)) })).toBe(true);
  });

  it('is due to nobody who is served, or purged', () => {
    for (const state of ['active', 'pending', 'suspended', 'purged'] as const) {
      expect(departureDue(tenant({ state }), NO_FAREWELL)).toBe(false);
    }
  });
});
