import { WindowBudget, type Taken } from '@relay/http-client';
import type { WorkClass } from '@relay/sync-engine';

/** Provet counts requests of one API user over a rolling minute, for each endpoint and operation apart. */
const WINDOW_MS = 60_000;
/** Of every limit this share is kept for live work, so that a backfill cannot delay a notice by a minute. */
const LIVE_RESERVE = 0.2;

export interface BudgetUse {
  readonly endpoint: string;
  readonly operation: 'list' | 'read' | 'write';
  /** The vendor's limit, requests a minute. */
  readonly limit: number;
  readonly weight: number;
}

interface TenantEntry {
  readonly firstSeenAt: number;
  readonly budgets: Map<string, { readonly budget: WindowBudget; usedAt: number }>;
}

/**
 * Budgets of all tenants of this process. In the first minute of a tenant its budgets start empty: the process that owned
 * it before may just have spent them. One that was not used for a whole window holds nothing and is dropped.
 */
export class TenantBudgets {
  private readonly tenants = new Map<string, TenantEntry>();
  private cleanedAt = 0;

  /** `share` of the vendor's limits that is used; 0 = no limit. */
  constructor(private readonly share: number) {}

  take(tenantId: string, use: BudgetUse, work: WorkClass, now: number): Taken {
    if (this.share === 0) return { ok: true };
    return this.budgetOf(tenantId, use, now).take(use.weight, now, work === 'live' ? 'live' : 'other');
  }

  /** The vendor says that the minute is spent (429). */
  correct(tenantId: string, use: BudgetUse, retryAfterMs: number, now: number): void {
    if (this.share === 0) return;
    this.budgetOf(tenantId, use, now).correct(retryAfterMs, now);
  }

  /** Budgets held in memory now. */
  get size(): number {
    return [...this.tenants.values()].reduce((sum, { budgets }) => sum + budgets.size, 0);
  }

  private budgetOf(tenantId: string, use: BudgetUse, now: number): WindowBudget {
    this.clean(now);
    let tenant = this.tenants.get(tenantId);
    if (!tenant) this.tenants.set(tenantId, (tenant = { firstSeenAt: now, budgets: new Map() }));
    const key = `${use.operation} ${use.endpoint}`;
    let entry = tenant.budgets.get(key);
    if (!entry)
      tenant.budgets.set(key, (entry = { budget: this.newBudget(use, tenant.firstSeenAt, now), usedAt: now }));
    entry.usedAt = now;
    return entry.budget;
  }

  private newBudget(use: BudgetUse, firstSeenAt: number, now: number): WindowBudget {
    // Never below the weight of one page, or that page could never be read.
    const limit = Math.max(use.weight, Math.floor(use.limit * this.share));
    const emptyAtStart = now - firstSeenAt < WINDOW_MS;
    const budget = new WindowBudget({ limit, windowMs: WINDOW_MS, reservedShare: LIVE_RESERVE, emptyAtStart });
    // The unknown minute began with the tenant, not with this endpoint's first call.
    if (emptyAtStart) budget.take(0, firstSeenAt, 'live');
    return budget;
  }

  private clean(now: number): void {
    if (now - this.cleanedAt < WINDOW_MS) return;
    this.cleanedAt = now;
    for (const { budgets } of this.tenants.values()) {
      for (const [key, { usedAt }] of budgets) if (now - usedAt > 2 * WINDOW_MS) budgets.delete(key);
    }
  }
}
