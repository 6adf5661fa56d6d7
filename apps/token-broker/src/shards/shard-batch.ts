import type { ReceivedBatch } from '@relay/kafka';
import type { HeldShard } from './held-shards.js';

/** The shard that a batch of a sharded group belongs to: its partition. */
export function shardOf(batch: ReceivedBatch<unknown>): HeldShard {
  if (batch.epoch === null) throw new Error(`${batch.topic} is not read by shards`);
  return { shard: batch.partition, epoch: batch.epoch };
}
