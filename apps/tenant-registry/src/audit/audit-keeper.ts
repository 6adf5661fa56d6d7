import { Inject, Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { CONFIG, Log } from '@relay/service-kit';
import type { RegistryConfig } from '../config.js';
import { AuditLog } from '../persistence/audit-log.js';
import { Rounds } from '../rounds/rounds.js';

const EVERY_MS = 3_600_000;
const DAY_MS = 24 * 3_600_000;
/** Small enough that nobody waits for one deletion. */
const MOST_AT_ONCE = 1_000;

/** Forgets audit entries that are older than AUDIT_KEEP_DAYS. Any replica does it. */
@Injectable()
export class AuditKeeper implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly keepMs: number;
  private readonly rounds: Rounds;
  private isStopping = false;

  constructor(
    private readonly audit: AuditLog,
    log: Log,
    @Inject(CONFIG) config: RegistryConfig,
  ) {
    this.keepMs = config.auditKeepDays * DAY_MS;
    this.rounds = new Rounds({
      everyMs: Math.min(EVERY_MS, Math.max(500, this.keepMs / 2)),
      work: () => this.forget(),
      log,
      failure: 'old audit entries cannot be forgotten now',
    });
  }

  onApplicationBootstrap(): void {
    this.rounds.start();
  }

  beforeApplicationShutdown(): Promise<void> {
    this.isStopping = true;
    return this.rounds.stop();
  }

  private async forget(): Promise<void> {
    const before = new Date(Date.now() - this.keepMs).toISOString();
    while (!this.isStopping && (await this.audit.forget(before, MOST_AT_ONCE)) === MOST_AT_ONCE);
  }
}
