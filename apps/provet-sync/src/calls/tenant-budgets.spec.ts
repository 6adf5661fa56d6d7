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

  it('takes a tenant over from an earlier release, which kept no account, without a burst', () => {
    const budgets = new TenantBudgets(1);
    budgets.takeOver('t', undefined, 0);
    expect(budgets.take('t', invoices, 'live', 100).ok).toBe(false);
    expect(budgets.take('t', invoices, 'live', 2_000).ok).toBe(true);
    expect(budgets.take('t', invoices, 'live', 2_500).ok).toBe(false);
    // The unknown minute began with the tenant, not with this endpoint's first call.
    const late = { endpoint: 'client', operation: 'read', limit: 60, weight: 1 } as const;
    expect(budgets.take('t', late, 'backfill', 50_000).ok).toBe(true);
  });

  it('spends nothing of a tenant before its being here is kept, and then only so much beyond what is', () => {
    const budgets = new TenantBudgets(1);
    const toKeep: ReturnType<TenantBudgets['told']>[] = [];
    budgets.onUnkept((tenantId) => void toKeep.push(budgets.told(tenantId, 0)));
    budgets.takeOver('t', null, 0);
    const read = { endpoint: 'client', operation: 'read', limit: 200, weight: 1 } as const;
    const taken = (): number => {
      let count = 0;
      while (budgets.take('t', read, 'live', 0).ok) count += 1;
      return count;
    };
    expect(taken()).toBe(0);
    const keepLast = (): void => budgets.kept(toKeep.at(-1) ?? { handOvers: [], spent: {} });
    keepLast();
    expect(taken()).toBe(20);
    keepLast();
    expect(taken()).toBe(20);
    expect(toKeep.at(-1)?.spent).toEqual({ 'read client': [[0, 40]] });
  });

  it('forgets what no longer matters', () => {
    const budgets = new TenantBudgets(1);
    for (let tenant = 0; tenant < 100; tenant++) budgets.take(`t${tenant}`, invoices, 'live', 0);
    expect(budgets.size).toBe(100);
    budgets.take('t0', invoices, 'live', 200_000);
    expect(budgets.size).toBe(1);
  });
});

describe('a long reading within a budget', () => {
  const pages = { endpoint: 'client', operation: 'list', limit: 60, weight: 3 } as const;

  /** Asks whenever it was told to come again. */
  function spend(budgets: TenantBudgets, from: number, until: number, live: (now: number) => number = () => 0) {
    const spent: { at: number; weight: number }[] = [];
    let waited = 0;
    let comeAgain = from;
    for (let now = from; now < until; now += 50) {
      for (let call = live(now); call > 0; call -= 1) {
        const taken = budgets.take('t', { ...pages, weight: 1 }, 'live', now);
        if (taken.ok) spent.push({ at: now, weight: 1 });
        else waited = Math.max(waited, taken.waitMs);
      }
      if (now < comeAgain) continue;
      const taken = budgets.take('t', pages, 'backfill', now);
      if (taken.ok) spent.push({ at: now, weight: pages.weight });
      else comeAgain = now + taken.waitMs;
    }
    return { spent, waited };
  }

  it('uses nine tenths of what is allowed, and never more than that in any minute, over hand-overs too', () => {
    const all: { at: number; weight: number }[] = [];
    let kept: ReturnType<TenantBudgets['told']> | null = null;
    for (const from of [0, 900_000, 1_800_000]) {
      const budgets = new TenantBudgets(0.9);
      budgets.takeOver('t', kept, from);
      const { spent } = spend(budgets, from, from + 900_000);
      kept = budgets.told('t', from + 900_000);
      all.push(...spent);
      const settled = spent.filter(({ at }) => at >= from + 120_000).reduce((sum, { weight }) => sum + weight, 0);
      expect(settled / (780_000 / 60_000)).toBeGreaterThanOrEqual(0.9 * 54);
    }
    for (const { at: start } of all) {
      const inWindow = all.filter(({ at }) => at >= start && at <= start + 60_000);
      expect(inWindow.reduce((sum, { weight }) => sum + weight, 0)).toBeLessThanOrEqual(54);
    }
  });

  it('leaves live work its turn within two seconds', () => {
    const budgets = new TenantBudgets(0.9);
    // One notice every four seconds, beside a reading that wants everything.
    const { waited } = spend(budgets, 0, 900_000, (now) => (now >= 120_000 && now % 4_000 === 0 ? 1 : 0));
    expect(waited).toBeLessThanOrEqual(2_000);
  });
});
