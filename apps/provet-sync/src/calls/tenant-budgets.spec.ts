import { describe, expect, it } from 'vitest';
import { TenantBudgets } from './tenant-budgets.js';

const invoices = { endpoint: 'invoice', operation: 'list', limit: 60, weight: 2 } as const;

describe('budgets of tenants', () => {
  it('never spends more than the share of the limit in a minute', () => {
    const budgets = new TenantBudgets(0.9);
    const spent: number[] = [];
    for (let now = 0; now < 300_000; now += 250) {
      if (budgets.take('t', invoices, 'live', now).ok) spent.push(now);
    }
    for (const start of spent) {
      const inWindow = spent.filter((at) => at >= start && at < start + 60_000).length * invoices.weight;
      expect(inWindow).toBeLessThanOrEqual(54);
    }
    expect(spent.length * invoices.weight).toBeGreaterThan(4 * 50);
  });

  it('keeps tenants and operations apart', () => {
    const budgets = new TenantBudgets(1);
    const read = { endpoint: 'invoice', operation: 'read', limit: 1, weight: 1 } as const;
    budgets.take('a', read, 'live', 0);
    budgets.take('b', read, 'live', 0);
    expect(budgets.take('a', read, 'live', 60_001).ok).toBe(true);
    expect(budgets.take('a', read, 'live', 60_002).ok).toBe(false);
    expect(budgets.take('b', read, 'live', 60_002).ok).toBe(true);
  });

  it('has no limit with a share of nothing', () => {
    const budgets = new TenantBudgets(0);
    for (let call = 0; call < 1_000; call++) expect(budgets.take('t', invoices, 'sweep', 0).ok).toBe(true);
  });

  it('counts the unknown first minute from the tenant, not from each endpoint', () => {
    const budgets = new TenantBudgets(1);
    budgets.take('t', invoices, 'live', 0);
    const late = { endpoint: 'client', operation: 'read', limit: 60, weight: 1 } as const;
    expect(budgets.take('t', late, 'other' as never, 50_000).ok).toBe(true);
  });

  it('forgets what no longer matters', () => {
    const budgets = new TenantBudgets(1);
    for (let tenant = 0; tenant < 100; tenant++) budgets.take(`t${tenant}`, invoices, 'live', 0);
    expect(budgets.size).toBe(100);
    budgets.take('t0', invoices, 'live', 200_000);
    expect(budgets.size).toBe(1);
  });
});
