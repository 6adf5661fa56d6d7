import type { Cluster } from 'kafkajs';

/** What is used of kafkajs' answer to a fetch (its type says `any`). */
interface FetchAnswer {
  readonly responses: readonly { readonly partitions: readonly { readonly messages: readonly unknown[] }[] }[];
}

const READ_COMMITTED = 1;

/**
 * Asks the partition's leader for the smallest possible answer from `offset` on. Kafka always returns at least the first
 * batch that is there (KIP-74), so an empty answer means: nothing is left, although the end offset is higher. That
 * happens when compaction has taken the last records, for example tombstones past their time.
 */
export async function hasNothingFrom(
  cluster: Cluster,
  topic: string,
  partition: number,
  offset: bigint,
): Promise<boolean> {
  const [nodeId] = Object.keys(cluster.findLeaderForPartitions(topic, [partition]));
  if (nodeId === undefined) return false;
  const broker = await cluster.findBroker({ nodeId });
  const answer = (await broker.fetch({
    maxWaitTime: 1,
    minBytes: 1,
    maxBytes: 1,
    isolationLevel: READ_COMMITTED,
    topics: [{ topic, partitions: [{ partition, fetchOffset: String(offset), maxBytes: 1 }] }],
    rackId: '',
  })) as FetchAnswer;
  const partitions = answer.responses.flatMap((response) => response.partitions);
  return partitions.length > 0 && partitions.every((p) => p.messages.length === 0);
}
