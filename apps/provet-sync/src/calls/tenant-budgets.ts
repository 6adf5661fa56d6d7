import type { Taken } from '@relay/http-client';
import type { WorkClass } from '@relay/sync-engine';
import { SharedBudget } from './shared-budget.js';

/** Provet counts requests of one API user over a rolling minute, for each endpoint and operation apart. */
const WINDOW_MS = 60_000;
/**
 * Of every limit this share is kept for live work. It may be small: long readings spend evenly, so what is freed from one
 * moment to the next is live work's first.
 */
const LIVE_RESERVE = 0.05;
/** Long readings are spread over the window, but for so much of it that they may catch up with, or begin with. */
const BURST_MS = 10_000;

export interface BudgetUse {
  readonly endpoint: string;
  readonly operation: 'list' | 'read' | 'write';
  /** The vendor's limit, requests a minute. */
  readonly limit: number;
  readonly weight: number;
}

interface TenantEntry {
  readonly firstSeenAt: number;
  readonly budgets: Map<string, Entry>;
}

interface Entry {
  readonly budget: SharedBudget;
  /** What long readings may spend in a window. */
  readonly room: number;
  /** From when on a long reading that spends evenly is on time. */
  onTimeFrom: number;
  usedAt: number;
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
    const entry = this.entryOf(tenantId, use, now);
    if (work === 'live' || work === 'reconcile') return entry.budget.take(use.weight, now, work);
    return takeEvenly(entry, use.weight, now, work);
  }

  /** What long readings may spend of a limit in a minute; null = without end. */
  roomOf(limit: number): number | null {
    return this.share === 0 ? null : Math.max(1, Math.floor(limit * this.share)) * (1 - LIVE_RESERVE);
  }

  /** The vendor says that the minute is spent (429). */
  correct(tenantId: string, use: BudgetUse, retryAfterMs: number, now: number): void {
    if (this.share === 0) return;
    this.entryOf(tenantId, use, now).budget.correct(retryAfterMs, now);
  }

  /** Budgets held in memory now. */
  get size(): number {
    return [...this.tenants.values()].reduce((sum, { budgets }) => sum + budgets.size, 0);
  }

  private entryOf(tenantId: string, use: BudgetUse, now: number): Entry {
    this.clean(now);
    let tenant = this.tenants.get(tenantId);
    if (!tenant) this.tenants.set(tenantId, (tenant = { firstSeenAt: now, budgets: new Map() }));
    const key = `${use.operation} ${use.endpoint}`;
    let entry = tenant.budgets.get(key);
    if (!entry) tenant.budgets.set(key, (entry = this.newEntry(use, tenant.firstSeenAt, now)));
    entry.usedAt = now;
    return entry;
  }

  private newEntry(use: BudgetUse, firstSeenAt: number, now: number): Entry {
    // Never below the weight of one page, or that page could never be read.
    const limit = Math.max(use.weight, Math.floor(use.limit * this.share));
    const emptyAtStart = now - firstSeenAt < WINDOW_MS;
    const budget = new SharedBudget({ limit, windowMs: WINDOW_MS, liveReserve: LIVE_RESERVE, emptyAtStart });
    // The unknown minute began with the tenant, not with this endpoint's first call.
    if (emptyAtStart) budget.beginAt(firstSeenAt);
    return { budget, room: limit * (1 - LIVE_RESERVE), onTimeFrom: now - BURST_MS, usedAt: now };
  }

  private clean(now: number): void {
    if (now - this.cleanedAt < WINDOW_MS) return;
    this.cleanedAt = now;
    for (const { budgets } of this.tenants.values()) {
      for (const [key, { usedAt }] of budgets) if (now - usedAt > 2 * WINDOW_MS) budgets.delete(key);
    }
  }
}

/** Takes for a long reading: as evenly as it can, so that neither notices nor its own estimate see bursts and pauses. */
function takeEvenly(entry: Entry, weight: number, now: number, work: WorkClass): Taken {
  const from = Math.max(entry.onTimeFrom, now - BURST_MS);
  if (from > now) {
    const waitMs = Math.ceil(from - now);
    entry.budget.refused(work, weight, now, waitMs);
    return { ok: false, waitMs };
  }
  const taken = entry.budget.take(weight, now, work);
  if (taken.ok) entry.onTimeFrom = from + (weight * WINDOW_MS) / Math.max(weight, entry.room);
  return taken;
}
