import { Inject, Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { Database, openDatabase } from '@relay/database';
import { CONFIG, Health, Log } from '@relay/service-kit';
import { setTimeout as sleep } from 'node:timers/promises';
import type { GatewayConfig } from '../config.js';
import { migrations } from '../migrations.js';

/** What waiting does not cure by itself (a wrong password) may be cured by a person: it is tried again. */
const TRY_AGAIN_MS = 30_000;

/**
 * The gateway's database, which it can be without: nothing waits for it, neither the start nor readiness. It is opened
 * in the background and is there once it answers.
 */
@Injectable()
export class SpillDatabase implements OnModuleInit, OnApplicationShutdown {
  private readonly stopping = new AbortController();
  private opened: Database | null = null;
  private opening: Promise<void> = Promise.resolve();

  constructor(
    @Inject(CONFIG) private readonly config: GatewayConfig,
    @Inject(Log) private readonly log: Log,
    @Inject(Health) private readonly health: Health,
  ) {}

  /** Null while there is none. One that is there may still be away at the moment: its queries then throw. */
  get database(): Database | null {
    return this.opened;
  }

  onModuleInit(): void {
    const { databaseUrl } = this.config;
    if (databaseUrl === null) {
      this.health.register('spill', () => ({ status: 'up', detail: 'none: no DATABASE_URL' }));
      return;
    }
    this.opening = this.open(databaseUrl);
  }

  async onApplicationShutdown(): Promise<void> {
    this.stopping.abort();
    await this.opening;
    await this.opened?.dataSource.destroy();
    this.opened = null;
  }

  private async open(url: string): Promise<void> {
    const { signal } = this.stopping;
    // Readiness of its own: the lib's check would call the gateway unready, which it is not.
    const own = new Health();
    this.health.register('spill', async () => {
      const { status, checks } = await own.ready();
      const detail = checks['database']?.detail ?? 'away';
      return status === 'up' ? { status } : { status: 'up', detail: `not now: ${detail}` };
    });
    while (!signal.aborted) {
      try {
        const { log } = this;
        const poolSize = this.config.databasePoolSize;
        const options = { service: 'gateway', url, poolSize, migrations, log, health: own, signal } as const;
        this.opened = new Database(await openDatabase(options));
        return;
      } catch (error) {
        if (signal.aborted) return;
        this.log.error({ err: error }, 'the spill cannot be used; registrations need Kafka until it can');
      }
      await sleep(TRY_AGAIN_MS, undefined, { signal }).catch(() => undefined);
    }
  }
}
