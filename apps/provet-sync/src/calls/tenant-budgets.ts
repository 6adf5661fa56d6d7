import type { Taken } from '@relay/http-client';
import { KeptSpending, SpendingAccount, UNKEPT_SHARE, type Tenure, type WorkClass } from '@relay/sync-engine';
import { RecentSpendings, type Spending } from './recent-spendings.js';
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
/** No less than this may be spent of a limit beyond what is kept: the dearest page must fit in. */
const LEAST_UNKEPT = 5;
/** Who has lost a tenant and was not told yet may go on spending what it may without keeping it; for so long. */
const UNAWARE_MS = 60_000;

export interface BudgetUse {
  readonly endpoint: string;
  readonly operation: 'list' | 'read' | 'write';
  /** The vendor's limit, requests a minute. */
  readonly limit: number;
  readonly weight: number;
}

/** What a tenant's next owner has to know of what was spent. JSON. */
export interface KeptSpendings {
  /** When it has changed hands lately (ms). Whoever had it before may have spent a little that is not kept. */
  readonly handOvers: readonly number[];
  /** By operation and endpoint. */
  readonly spent: Readonly<Record<string, readonly Spending[]>>;
}

const NOTHING_SPENT: KeptSpendings = { handOvers: [], spent: {} };

interface TenantEntry {
  /** What owners before have spent. */
  readonly before: KeptSpendings;
  /** Since when an unknown owner's spending frees up; null = there was none. */
  readonly unknownSince: number | null;
  readonly budgets: Map<string, Entry>;
  readonly tenure: Tenure;
}

interface Entry {
  readonly budget: SharedBudget;
  readonly account: SpendingAccount;
  readonly recent: RecentSpendings;
  /** What long readings may spend in a window. */
  readonly room: number;
  /** From when on a long reading that spends evenly is on time. */
  onTimeFrom: number;
  usedAt: number;
}

/** Budgets of all tenants of this process. One that was not used for a whole window holds nothing and is dropped. */
export class TenantBudgets extends KeptSpending<KeptSpendings> {
  private readonly tenants = new Map<string, TenantEntry>();
  private cleanedAt = 0;

  /** `share` of the vendor's limits that is used; 0 = no limit. */
  constructor(private readonly share: number) {
    super();
  }

  take(tenantId: string, use: BudgetUse, work: WorkClass, now: number): Taken {
    if (this.share === 0) return { ok: true };
    const tenant = this.tenantOf(tenantId, now);
    const entry = this.entryOf(tenant, use, now);
    const { budget, account, recent } = entry;
    const waitMs = this.waitForKeeping(tenantId, account, use.weight, now);
    if (waitMs > 0) return { ok: false, waitMs };
    const isLong = work !== 'live' && work !== 'reconcile';
    const taken = isLong ? takeEvenly(entry, use.weight, now, work) : budget.take(use.weight, now, work);
    if (!taken.ok) return taken;
    recent.add(use.weight, now);
    this.spend(tenantId, account, use.weight, now);
    return taken;
  }

  /** What long readings may spend of a limit in a minute; null = without end. */
  roomOf(limit: number): number | null {
    return this.share === 0 ? null : Math.max(1, Math.floor(limit * this.share)) * (1 - LIVE_RESERVE);
  }

  /** The vendor says that the minute is spent (429). */
  correct(tenantId: string, use: BudgetUse, retryAfterMs: number, now: number): void {
    if (this.share === 0) return;
    this.entryOf(this.tenantOf(tenantId, now), use, now).budget.correct(retryAfterMs, now);
  }

  takeOver(tenantId: string, kept: KeptSpendings | null | undefined, now: number): void {
    if (this.share === 0) return;
    this.clean(now);
    // What this process remembers of it, if it had it before, is in what was kept since.
    const last = kept ?? (this.tenants.has(tenantId) ? this.told(tenantId, now) : null);
    const before = last === null ? NOTHING_SPENT : { ...last, handOvers: [...last.handOvers, now] };
    const unknownSince = kept === undefined ? now : null;
    this.tenants.set(tenantId, { before, unknownSince, budgets: new Map(), tenure: { isKept: false } });
  }

  told(tenantId: string, now: number): KeptSpendings {
    const tenant = this.tenants.get(tenantId);
    if (tenant === undefined) return NOTHING_SPENT;
    const { before } = tenant;
    const handOvers = before.handOvers.filter((at) => at + UNAWARE_MS + WINDOW_MS >= now);
    const spent = new Map<string, readonly Spending[]>(Object.entries(before.spent));
    for (const [key, { recent }] of tenant.budgets) {
      spent.set(key, [...(spent.get(key) ?? []), ...recent.told(now)]);
    }
    for (const [key, spendings] of spent) {
      const present = spendings.filter(([at]) => at >= now - WINDOW_MS);
      if (present.length > 0) spent.set(key, present);
      else spent.delete(key);
    }
    const accounts = Array.from(tenant.budgets.values(), ({ account }) => account);
    return this.mark({ handOvers, spent: Object.fromEntries(spent) }, tenant.tenure, accounts);
  }

  /** Budgets held in memory now. */
  get size(): number {
    return [...this.tenants.values()].reduce((sum, { budgets }) => sum + budgets.size, 0);
  }

  private tenantOf(tenantId: string, now: number): TenantEntry {
    this.clean(now);
    if (!this.tenants.has(tenantId)) this.takeOver(tenantId, null, now);
    return this.tenants.get(tenantId) as TenantEntry;
  }

  private entryOf(tenant: TenantEntry, use: BudgetUse, now: number): Entry {
    const key = `${use.operation} ${use.endpoint}`;
    let entry = tenant.budgets.get(key);
    if (!entry) tenant.budgets.set(key, (entry = this.newEntry(key, use, tenant, now)));
    entry.usedAt = now;
    return entry;
  }

  private newEntry(key: string, use: BudgetUse, { before, unknownSince, tenure }: TenantEntry, now: number): Entry {
    // Never below the weight of one page, or that page could never be read.
    const limit = Math.max(use.weight, Math.floor(use.limit * this.share));
    const unkept = Math.min(limit, Math.max(LEAST_UNKEPT, use.weight, Math.floor(limit * UNKEPT_SHARE)));
    const budget = new SharedBudget({ limit, windowMs: WINDOW_MS, liveReserve: LIVE_RESERVE });
    if (unknownSince !== null) budget.correct(0, unknownSince);
    for (const [at, weight] of before.spent[key] ?? []) budget.spentElsewhere(weight, at);
    for (const at of before.handOvers) budget.spentElsewhere(unkept, at + UNAWARE_MS);
    const account = new SpendingAccount(tenure, unkept);
    const recent = new RecentSpendings(WINDOW_MS);
    return { budget, account, recent, room: limit * (1 - LIVE_RESERVE), onTimeFrom: now - BURST_MS, usedAt: now };
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
