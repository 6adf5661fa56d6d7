import type { ServiceName } from '@relay/contracts';
import { RetryLater, type Received, type ReceivedBatch } from '@relay/kafka';
import type { Seen } from './state-store.js';
import type { StateTopic } from './state-topic.js';

/** Carries a row's version where the value cannot: on tombstones of control topics. */
export const VERSION_HEADER = 'relay-version';
const RECORD_VERSION_HEADER = 'ce_recordversion';

/** The consumer group in which a service reads back its own topics. */
export function readBackGroup(service: ServiceName): string {
  return `${service}.readback`;
}

/** The version of a message: header of a record event or tombstone, else the value's `version`. */
export function versionOf(message: Received<unknown>): number | null {
  const header = message.headers[RECORD_VERSION_HEADER] ?? message.headers[VERSION_HEADER];
  const version: unknown =
    header === undefined ? (message.value as { version?: unknown } | null)?.version : Number(header);
  return typeof version === 'number' && Number.isSafeInteger(version) ? version : null;
}

export type RowKeyOf = (topic: string, message: Pick<Received<unknown>, 'key' | 'headers'>) => string;

/** The last message of each row in a batch. */
export function seenOf(batch: ReceivedBatch<unknown>, rowKeyOf: RowKeyOf = (_topic, { key }) => key): Seen[] {
  const last = new Map<string, Seen>();
  for (const message of batch.messages) {
    const rowKey = rowKeyOf(batch.topic, message);
    const { partition, offset } = message;
    const tombstone = message.rawValue === null;
    last.set(rowKey, { rowKey, version: versionOf(message), tombstone, topic: batch.topic, partition, offset });
  }
  return [...last.values()];
}

/**
 * The handler of a read-back group, for `@EventPattern(topic, groupTransport(readBackGroup(service)), { batch: true })`.
 * Whatever goes wrong is tried again without limit: a message that is not noted would be sent for ever.
 */
export function readBackHandler(
  topic: StateTopic,
  rowKeyOf?: RowKeyOf,
): (batch: ReceivedBatch<unknown>) => Promise<void> {
  return async (batch) => {
    try {
      await topic.onSeen(seenOf(batch, rowKeyOf));
    } catch (error) {
      throw new RetryLater('the read-back cannot be noted', undefined, { cause: error });
    }
  };
}
