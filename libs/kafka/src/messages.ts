import { partitionOf, type ControlTopic, type ControlValue } from '@relay/contracts';

/** A message to send. `topic` is the name without the prefix. */
export interface Outgoing {
  readonly topic: string;
  /** Default: murmur2 of the key. */
  readonly partition?: number;
  readonly key: string;
  /** null is a tombstone. */
  readonly value: string | Uint8Array | null;
  readonly headers?: Readonly<Record<string, string | Uint8Array>>;
}

/** Where an acknowledged message lies in the log. `topic` is the name without the prefix. */
export interface Position {
  readonly topic: string;
  readonly partition: number;
  readonly offset: bigint;
}

/** A message as a handler gets it. */
export interface Received<T> {
  readonly key: string;
  /** null: a tombstone. Control topics: checked by their schema. Record topics: parsed when first looked at. */
  readonly value: T | null;
  /** The bytes of the value as they are in the log. */
  readonly rawValue: Buffer | null;
  readonly headers: Readonly<Record<string, string>>;
  readonly partition: number;
  readonly offset: bigint;
  /** Broker's or producer's time, Unix milliseconds. */
  readonly timestamp: number;
}

/** Messages of one partition in the order of the log. */
export interface ReceivedBatch<T> {
  /** Without the prefix. */
  readonly topic: string;
  readonly partition: number;
  readonly messages: readonly Received<T>[];
  /** The shard's epoch in a sharded group, else null. */
  readonly epoch: number | null;
  /** Aborted when the partition is lost or the process stops: what is not committed by then comes again, maybe elsewhere. */
  readonly signal: AbortSignal;
}

/** A message of a control topic: JSON, in the tenant's partition whatever its key is. null is a tombstone. */
export function controlMessage<T extends ControlTopic>(
  partitions: number,
  topic: T,
  tenantId: string,
  key: string,
  value: ControlValue<T> | null,
): Outgoing {
  return {
    topic,
    partition: partitionOf(tenantId, partitions),
    key,
    value: value === null ? null : JSON.stringify(value),
  };
}
