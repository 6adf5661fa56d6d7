import { markerKey, recordTopic, type Vendor } from '@relay/contracts';
import type { EngineStore } from '../ports/engine-store.js';
import type { RecordLog } from '../ports/record-log.js';
import type { OwnedShard } from '../shards/owned-shard.js';

const MOST_AT_ONCE = 50;

/**
 * Writes the markers that are due: a value and its tombstone, so that nothing of them stays. Only that something is
 * written matters: it lets Kafka close the segment that it would not compact otherwise.
 */
export async function writeMarkers(
  shard: OwnedShard,
  ports: { readonly store: EngineStore; readonly recordLog: RecordLog; readonly vendor: Vendor },
  now: number,
): Promise<void> {
  for (const marker of await ports.store.dueMarkers(shard.shard, now, MOST_AT_ONCE)) {
    if (shard.signal.aborted) return;
    const { partition, resource, number } = marker;
    const message = { topic: recordTopic(ports.vendor, resource), partition, key: markerKey(partition, number) };
    await ports.recordLog.send({
      ...message,
      value: '{"marker":true}',
      headers: { 'content-type': 'application/json' },
    });
    await ports.recordLog.send({ ...message, value: null });
    await shard.fenced((unit) => unit.removeMarker(marker));
  }
}
