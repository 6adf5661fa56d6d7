import { Inject, Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { Database, type Tx } from '@relay/database';
import { RelayKafka } from '@relay/kafka';
import { Log, Metrics, faultPoint } from '@relay/service-kit';
import { StateTopic, VersionedTable, readBackGroup, type StateMessage } from '@relay/state-topic';
import { TenantMovedOn } from '../changes/tenant-moved-on.js';
import { tenantValueOf, type TenantRecord } from '../persistence/tenant-record.js';
import type { TenantOutbox } from './tenant-outbox.js';

export const TENANT_OUTBOX_TABLE = 'tenant_outbox';
const TOPIC = 'tenant.v1';

/** Publishes tenants on `tenant.v1`: the row is the outbox, and published means seen in the log. */
@Injectable()
export class TenantPublisher implements TenantOutbox, OnApplicationBootstrap, BeforeApplicationShutdown {
  readonly topic: StateTopic;
  private readonly table: VersionedTable;

  constructor(@Inject(Database) database: Database, @Inject(RelayKafka) kafka: RelayKafka, log: Log, metrics: Metrics) {
    this.table = new VersionedTable({
      database,
      table: TENANT_OUTBOX_TABLE,
      topic: TOPIC,
      partitions: kafka.partitions,
    });
    this.topic = new StateTopic({
      producer: kafka.producer('record'),
      store: this.table,
      log,
      metrics,
      name: TOPIC,
      readBackPositions: (topic) => kafka.committedOffsets(readBackGroup('tenant-registry'), topic),
      ownership: 'shared',
    });
  }

  /** What a process that ended in the middle has left. In the background: Kafka may be away. */
  onApplicationBootstrap(): void {
    void this.topic.takeOver().catch(() => {
      // The database went away in between: the topic looks through the outbox again by itself.
    });
  }

  beforeApplicationShutdown(): void {
    this.topic.close();
  }

  async versionOf(tx: Tx, tenantId: string): Promise<number> {
    return (await this.table.get(tenantId, tx))?.version ?? 0;
  }

  async put(tx: Tx, record: TenantRecord): Promise<void> {
    const { tenantId, version } = record;
    const row = { rowKey: tenantId, partitionKey: tenantId, version, value: tenantValueOf(record) };
    if ((await this.table.put(tx, row)) === null) throw new TenantMovedOn(tenantId);
  }

  /** Sends committed records. Waits for nothing: what cannot be sent now is sent when Kafka is back. */
  publish(records: readonly TenantRecord[]): void {
    void this.send([...new Set(records.map((one) => one.tenantId))]);
  }

  private async send(tenantIds: readonly string[]): Promise<void> {
    let messages: StateMessage[];
    try {
      messages = await this.table.present(tenantIds);
    } catch {
      // The database went away in between: the next look through the outbox finds these rows.
      return;
    }
    await this.topic.publish(messages);
    await faultPoint('tenant-registry:after-publish');
  }
}
