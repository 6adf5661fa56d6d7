import { Inject, Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import type { CompletenessValue, SyncStatusValue, TenantValue } from '@relay/contracts';
import { RelayKafka, type ReceivedBatch, type TableReader } from '@relay/kafka';
import { Health } from '@relay/service-kit';
import { LiveTables } from './live-tables.js';

/** Fills the live tables from `tenant.v1`, `sync-status.v1` and `completeness.v1`, and follows them. */
@Injectable()
export class LiveReader implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private reader: TableReader | null = null;

  constructor(
    @Inject(RelayKafka) private readonly kafka: RelayKafka,
    private readonly tables: LiveTables,
    health: Health,
  ) {
    health.register('tables', () =>
      this.reader?.isLoaded ? { status: 'up' } : { status: 'down', detail: 'the tables are being read' },
    );
  }

  onApplicationBootstrap(): void {
    this.reader = this.kafka.tableReader({
      topics: ['tenant.v1', 'sync-status.v1', 'completeness.v1'],
      onBatch: (batch) => this.take(batch),
    });
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.reader?.close();
  }

  private take({ topic, messages }: ReceivedBatch<unknown>): void {
    for (const { key, value } of messages) {
      if (topic === 'tenant.v1') this.tables.takeTenant({ key, value: value as TenantValue | null });
      else if (topic === 'sync-status.v1') this.tables.takeStatus({ key, value: value as SyncStatusValue | null });
      else this.tables.takeCompleteness({ key, value: value as CompletenessValue | null });
    }
  }
}
