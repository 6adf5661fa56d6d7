import type { OffsetRange } from '../admin-client.js';
import type { Received, ReceivedBatch } from '../messages.js';
import type { TableReader, TableReaderOptions } from './table-reader.js';

/** What is needed of RelayKafka. */
export interface UnreadHost {
  topicsReady(): Promise<void>;
  offsetRanges(topic: string): Promise<Map<number, OffsetRange>>;
  committedOffsets(group: string, topic: string): Promise<Map<number, bigint>>;
  tableReader(options: TableReaderOptions): TableReader;
}

/**
 * What a group (without prefix) still has before it in a topic: the newest message of each key, tombstones left out. Without
 * a committed offset everything is before it. Nothing is read when nothing can be unread.
 */
export async function unreadMessages(
  kafka: UnreadHost,
  group: string,
  topic: string,
): Promise<readonly Received<unknown>[]> {
  await kafka.topicsReady();
  const committed = await kafka.committedOffsets(group, topic);
  const ranges = await kafka.offsetRanges(topic);
  const isBehind = [...ranges].some(([partition, { low, high }]) => {
    const from = committed.get(partition) ?? low;
    return high > (from > low ? from : low);
  });
  if (!isBehind) return [];
  const newest = new Map<string, Received<unknown>>();
  const onBatch = ({ messages }: ReceivedBatch<unknown>): void => {
    for (const message of messages) {
      if (message.offset >= (committed.get(message.partition) ?? 0n)) newest.set(message.key, message);
    }
  };
  const reader = kafka.tableReader({ topics: [topic], onBatch });
  await reader.loaded;
  await reader.close();
  return [...newest.values()].filter(({ rawValue }) => rawValue !== null);
}
