import type { ServiceName } from '@relay/contracts';
import type { GroupingProducer, Outgoing, Position, RelayKafka } from '@relay/kafka';
import { readBackGroup } from '@relay/state-topic';
import type { RecordLog } from '../ports/record-log.js';

/** The engine's log on Kafka. */
export class KafkaRecordLog implements RecordLog {
  private readonly records: GroupingProducer;
  private readonly accounts: GroupingProducer;

  constructor(
    private readonly kafka: RelayKafka,
    private readonly service: ServiceName,
  ) {
    this.records = kafka.producer('record');
    this.accounts = kafka.producer('control');
  }

  get partitions(): number {
    return this.kafka.partitions;
  }

  send(message: Outgoing): Promise<Position> {
    return this.records.send(message);
  }

  sendAccount(message: Outgoing): Promise<Position> {
    return this.accounts.send(message);
  }

  readBackPositions(topic: string): Promise<Map<number, bigint>> {
    return this.kafka.committedOffsets(readBackGroup(this.service), topic);
  }

  async noticeEnd(shard: number): Promise<bigint | null> {
    return (await this.kafka.endOffsets('notice.v1')).get(shard) ?? null;
  }
}
