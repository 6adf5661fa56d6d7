import { Inject, Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { CONFIG, Log } from '@relay/service-kit';
import { observed, type ChangeSet } from '../changes/change-set.js';
import { RegistryChanges } from '../changes/registry-changes.js';
import type { RegistryConfig } from '../config.js';
import { longWithdrawn } from '../persistence/tenant-rows.js';
import { Rounds } from '../rounds/rounds.js';

const EVERY_MS = 60_000;
const DAY_MS = 24 * 3_600_000;
/** Tenants of one transaction. */
const MOST_AT_ONCE = 50;

/** Orders the purge of tenants that have been withdrawn for PURGE_AFTER_DAYS. Any replica does it; none does it twice. */
@Injectable()
export class PurgeKeeper implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly afterMs: number;
  private readonly rounds: Rounds;

  constructor(
    private readonly changes: RegistryChanges,
    log: Log,
    @Inject(CONFIG) config: RegistryConfig,
  ) {
    this.afterMs = config.purgeAfterDays * DAY_MS;
    this.rounds = new Rounds({
      everyMs: Math.min(EVERY_MS, Math.max(500, this.afterMs / 2)),
      work: () => this.look(),
      log,
      failure: 'withdrawn tenants cannot be looked after now',
    });
  }

  onApplicationBootstrap(): void {
    this.rounds.start();
  }

  beforeApplicationShutdown(): Promise<void> {
    return this.rounds.stop();
  }

  private async look(): Promise<void> {
    while ((await this.changes.run((set) => this.purgeSome(set))) === MOST_AT_ONCE);
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
