import { Inject, Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { CONFIG, Log } from '@relay/service-kit';
import type { RegistryConfig } from '../config.js';
import { AuditLog } from '../persistence/audit-log.js';

const EVERY_MS = 3_600_000;
const DAY_MS = 24 * 3_600_000;
/** Small enough that nobody waits for one deletion. */
const MOST_AT_ONCE = 1_000;

/** Forgets audit entries that are older than AUDIT_KEEP_DAYS. Any replica does it. */
@Injectable()
export class AuditKeeper implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private timer: NodeJS.Timeout | null = null;
  private running: Promise<void> | null = null;
  private stopping = false;
  private readonly keepMs: number;

  constructor(
    private readonly audit: AuditLog,
    private readonly log: Log,
    @Inject(CONFIG) config: RegistryConfig,
  ) {
    this.keepMs = config.auditKeepDays * DAY_MS;
  }

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => this.lookSoon(), Math.min(EVERY_MS, Math.max(500, this.keepMs / 2)));
    this.lookSoon();
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.stopping = true;
    if (this.timer !== null) clearInterval(this.timer);
    await this.running;
  }

  private lookSoon(): void {
    this.running ??= this.look().finally(() => (this.running = null));
  }

  private async look(): Promise<void> {
    const before = new Date(Date.now() - this.keepMs).toISOString();
    try {
      while (!this.stopping && (await this.audit.forget(before, MOST_AT_ONCE)) === MOST_AT_ONCE);
    } catch (error) {
      this.log.warn({ err: error }, 'old audit entries cannot be forgotten now');
    }
  }
}
