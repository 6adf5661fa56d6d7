import type { LaneProcess } from '../lanes/lane-ports.js';
import type { EngineStore } from '../ports/engine-store.js';
import { RecordStateStore } from './record-state-store.js';

/** The rows of one shard as messages of its owner. */
export function recordsOfShard(
  { shard, epoch }: { readonly shard: number; readonly epoch: number },
  rows: EngineStore,
  { connector, traceparent }: Pick<LaneProcess, 'connector' | 'traceparent'>,
): RecordStateStore {
  return new RecordStateStore({
    rows,
    vendor: connector.vendor,
    shardOf: () => shard,
    epochOf: () => epoch,
    traceparent,
  });
}
