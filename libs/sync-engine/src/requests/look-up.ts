import type { RecordFacts } from '@relay/contracts';
import type { RecordRef } from '../core/model.js';
import type { Connector } from '../ports/connector.js';
import type { EngineStore } from '../ports/engine-store.js';
import type { OwnedShard } from '../shards/owned-shard.js';
import { recordFactsOf } from './record-facts.js';

/** What is known of one record: its row, its place in the log, and whether it waits to be fetched. No call to the vendor. */
export async function lookUp(
  store: EngineStore,
  { vendor, resources }: Connector,
  shard: OwnedShard | null,
  ref: RecordRef,
): Promise<RecordFacts> {
  const located = await store.located(ref);
  const entry = shard?.lanes.get(ref.tenantId)?.queue.get(ref) ?? null;
  return recordFactsOf({ ref, vendor, located, entry, isEnabled: resources.some(({ name }) => name === ref.resource) });
}
