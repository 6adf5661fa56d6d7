import { Inject, Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { CONFIG, Log } from '@relay/service-kit';
import { observed, type ChangeSet } from '../changes/change-set.js';
import { RegistryChanges } from '../changes/registry-changes.js';
import type { RegistryConfig } from '../config.js';
import { longWithdrawn } from '../persistence/tenant-rows.js';

const EVERY_MS = 60_000;
const DAY_MS = 24 * 3_600_000;
/** Tenants of one transaction. */
const MOST_AT_ONCE = 50;

/** Orders the purge of tenants that have been withdrawn for PURGE_AFTER_DAYS. Any replica does it; none does it twice. */
@Injectable()
export class PurgeKeeper implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private timer: NodeJS.Timeout | null = null;
  private running: Promise<void> | null = null;
  private readonly afterMs: number;

  constructor(
    private readonly changes: RegistryChanges,
    private readonly log: Log,
    @Inject(CONFIG) config: RegistryConfig,
  ) {
    this.afterMs = config.purgeAfterDays * DAY_MS;
  }

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => this.lookSoon(), Math.min(EVERY_MS, Math.max(500, this.afterMs / 2)));
    this.lookSoon();
  }

  async beforeApplicationShutdown(): Promise<void> {
    if (this.timer !== null) clearInterval(this.timer);
    await this.running;
  }

  private lookSoon(): void {
    this.running ??= this.look().finally(() => (this.running = null));
  }

  private async look(): Promise<void> {
    try {
      while ((await this.changes.run((set) => this.purgeSome(set))) === MOST_AT_ONCE);
    } catch (error) {
      this.log.warn({ err: error }, 'withdrawn tenants cannot be looked after now');
    }
  }

  private async purgeSome(set: ChangeSet): Promise<number> {
    const before = new Date(Date.parse(set.now) - this.afterMs).toISOString();
    const found = await longWithdrawn(set.tx, before, MOST_AT_ONCE);
    for (const record of found) {
      await set.advance(record, { kind: 'purge' }, observed('purge-ordered', 'withdrawn-long-enough'));
    }
    return found.length;
  }
}
