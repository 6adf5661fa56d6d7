import { summaryOf, type TenantSummary } from '../tenants/tenant-summary.js';
import type { LiveTables, Totals } from './live-tables.js';

/** What the page hears: the practices that changed, as they are now, and the totals over all. */
export interface Change {
  readonly rows: readonly TenantSummary[];
  readonly totals: Totals;
  readonly now: string;
}

/** At most four messages a second: more is not seen by anybody, and a backfill changes a count all the time. */
const PAUSE_MS = 250;
/** A message stays of a size that a browser takes in at once; what does not fit goes with the next. */
const MOST_ROWS = 200;

/** Collects changes of the live tables and tells them to all listeners, together and not too often. */
export class ChangeFeed {
  private readonly listeners = new Set<(change: Change) => void>();
  private readonly changed = new Set<string>();
  private timer: NodeJS.Timeout | null = null;

  constructor(
    private readonly tables: LiveTables,
    private readonly pauseMs: number = PAUSE_MS,
  ) {
    tables.onChange = (tenantId) => this.note(tenantId);
  }

  /** Returns what ends it. */
  listen(listener: (change: Change) => void): () => void {
    this.listeners.add(listener);
    return () => {
      this.listeners.delete(listener);
      if (this.listeners.size > 0) return;
      if (this.timer !== null) clearTimeout(this.timer);
      this.timer = null;
      this.changed.clear();
    };
  }

  private note(tenantId: string): void {
    // Nobody listens: whoever comes reads the list first.
    if (this.listeners.size === 0) return;
    this.changed.add(tenantId);
    this.timer ??= setTimeout(() => this.tell(), this.pauseMs);
  }

  private tell(): void {
    this.timer = null;
    const told = [...this.changed].slice(0, MOST_ROWS);
    for (const tenantId of told) this.changed.delete(tenantId);
    if (this.changed.size > 0) this.timer = setTimeout(() => this.tell(), this.pauseMs);
    const now = Date.now();
    const rows = told.flatMap((tenantId) => {
      const tenant = this.tables.tenant(tenantId);
      if (tenant === undefined) return [];
      const completenessOf = (id: string, resource: string) => this.tables.completenessOf(id, resource);
      return [summaryOf(tenant, this.tables.statusesOf(tenantId), completenessOf, now)];
    });
    const change = { rows, totals: this.tables.totals(), now: new Date(now).toISOString() };
    for (const listener of this.listeners) listener(change);
  }
}
