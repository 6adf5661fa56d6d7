import type { Outgoing, Position } from '@relay/kafka';

/** The log as the engine uses it: Kafka in a service, memory in the model. */
export interface RecordLog {
  /** Of every topic; the partition of a control topic is the shard. */
  readonly partitions: number;
  /**
   * Sends once, one message of a key at a time. A rejection says nothing about whether the message lies in the log, or
   * will.
   */
  send(message: Outgoing): Promise<Position>;
  /** Sends an account for people, trying again for a while: it may lie in the log twice. */
  sendAccount(message: Outgoing): Promise<Position>;
  /** How far the group has come that reads a topic back, by partition: what lies before was noted. */
  readBackPositions(topic: string): Promise<Map<number, bigint>>;
  /** End of the shard's notice partition; null when it cannot be told. */
  noticeEnd(shard: number): Promise<bigint | null>;
}
