import { isMarkerKey, parseRecordKey, recordTopic } from '@relay/contracts';
import type { Received, ReceivedBatch } from '@relay/kafka';
import { StateTopic, readBackHandler, type StateStore } from '@relay/state-topic';
import { refText } from './core/model.js';
import type { EngineSurroundings } from './engine-surroundings.js';
import type { SyncEngineParts } from './sync-engine-parts.js';

export type BatchHandler = (batch: ReceivedBatch<unknown>) => Promise<void>;

/** The topics that a sync publishes from rows of its own, and reads back. */
export class OwnTopics {
  readonly records: StateTopic;
  readonly statuses: StateTopic;
  readonly completeness: StateTopic;
  readonly farewells: StateTopic;
  readonly all: readonly StateTopic[];
  /** What is done with a batch of each Kafka topic that is read back. */
  readonly readBack: ReadonlyMap<string, BatchHandler>;

  /** `records`: the rows behind the record topics. */
  constructor(
    private readonly parts: SyncEngineParts,
    private readonly surroundings: EngineSurroundings,
    records: StateStore,
  ) {
    const { connector, store } = parts;
    this.records = this.topicOf('records', records);
    this.statuses = this.topicOf('sync-status', store.statuses);
    this.completeness = this.topicOf('completeness', store.completeness);
    this.farewells = this.topicOf('withdrawal', store.farewells);
    this.all = [this.records, this.statuses, this.completeness, this.farewells];
    this.readBack = new Map([
      ['sync-status.v1', readBackHandler(this.statuses)],
      ['completeness.v1', readBackHandler(this.completeness)],
      ['withdrawal.v1', readBackHandler(this.farewells)],
      ...connector.resources.map(({ name }): [string, BatchHandler] => [
        recordTopic(connector.vendor, name),
        (batch) => this.recordsSeen(batch),
      ]),
    ]);
  }

  /** Where the read-back of a topic goes on, by partition; null: where its group has come. */
  async goesOnAt(topic: string): Promise<ReadonlyMap<number, bigint> | null> {
    const { connector, store } = this.parts;
    const spec = connector.resources.find(({ name }) => recordTopic(connector.vendor, name) === topic);
    return spec === undefined ? null : store.notedUpTo(spec.name);
  }

  close(): void {
    for (const topic of this.all) topic.close();
  }

  private async recordsSeen(batch: ReceivedBatch<unknown>): Promise<void> {
    await this.surroundings.fault('sync:read-back');
    const messages = batch.messages.filter(({ key }) => !isMarkerKey(key));
    await readBackHandler(this.records, (topic, message) => this.rowKeyOf(topic, message))({ ...batch, messages });
    await this.surroundings.fault('sync:after-read-back');
  }

  private rowKeyOf(topic: string, { key, headers }: Pick<Received<unknown>, 'key' | 'headers'>): string {
    const parsed = parseRecordKey(key, headers['ce_tenantid']);
    const resource = topic.slice(this.parts.connector.vendor.length + 1, topic.lastIndexOf('.'));
    return refText({ tenantId: parsed?.tenantId ?? key, resource, recordId: parsed?.recordId ?? '' });
  }

  private topicOf(name: string, store: StateStore): StateTopic {
    const { recordLog, log, metrics } = this.parts;
    const { clock, statePace } = this.surroundings;
    return new StateTopic({
      name,
      store,
      log,
      metrics,
      producer: recordLog,
      ownership: 'sharded',
      readBackPositions: (topic) => recordLog.readBackPositions(topic),
      clock,
      random: () => this.surroundings.random(),
      pace: statePace,
    });
  }
}
