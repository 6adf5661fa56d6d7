import type { StateTopic } from '@relay/state-topic';
import { raisedAt } from '../core/effects.js';
import { refText } from '../core/model.js';
import type { LaneProcess } from '../lanes/lane-ports.js';
import type { EngineStore } from '../ports/engine-store.js';
import type { RepublishRow } from '../ports/stored-rows.js';
import { recordsOfShard } from '../records/records-of-shard.js';
import type { OwnedShard } from './owned-shard.js';

/** What a late message of a purged tenant is told to. */
export interface Leftovers {
  isPurged(shard: OwnedShard, tenantId: string): boolean;
  purgeLeftover(shard: OwnedShard, tenantId: string): void;
}

const MOST_AT_ONCE = 200;

/** Acts on what the read-back has found wrong in the log: sends newest versions again, reads restored records again. */
export async function repairShard(
  shard: OwnedShard,
  store: EngineStore,
  records: StateTopic,
  process: LaneProcess,
  leftovers: Leftovers,
): Promise<void> {
  const rows = await store.republish(shard.shard, MOST_AT_ONCE);
  if (rows.length === 0) return;
  const older = rows.filter((row) => row.reason === 'older-last');
  await sendNewest(shard, older, store, records, process);
  for (const row of rows) if (row.reason !== 'older-last') await readAgain(shard, row, process, leftovers);
}

/**
 * An older version stands last in the log: the newest follows it. Not waited for: until it was seen there the row counts as
 * unseen, so whoever sends it tries on, and a next owner finds it.
 */
async function sendNewest(
  shard: OwnedShard,
  rows: readonly RepublishRow[],
  store: EngineStore,
  records: StateTopic,
  process: LaneProcess,
): Promise<void> {
  if (rows.length === 0) return;
  const newest = await recordsOfShard(shard, store, process).present(rows.map(refText));
  void records.publish(newest);
  await shard.fenced(async (unit) => {
    for (const row of rows) await unit.removeRepublish(row);
  });
}

/** The log knows more than the mirror: a database was restored from a backup. */
async function readAgain(
  shard: OwnedShard,
  row: RepublishRow,
  process: LaneProcess,
  leftovers: Leftovers,
): Promise<void> {
  const tenant = shard.memory.tenants.get(row.tenantId);
  const lane = shard.lanes.get(row.tenantId);
  const spec = process.connector.resources.find(({ name }) => name === row.resource);
  const now = process.now();
  const raised = raisedAt(now, row, spec?.hasNotices === false ? 'poll' : 'sweep');
  const entries = await shard.fenced(async (unit) => {
    await unit.removeRepublish(row);
    if (tenant?.vendor !== process.connector.vendor || row.seenVersion === null) return [];
    // Also of a tenant that is not served any more: whoever purges it must know of all that lies in the log.
    await unit.liftAbove(row, process.connector.sourceOf(tenant), now);
    return lane === undefined || spec === undefined ? [] : unit.raise([raised]);
  });
  shard.noticed(entries);
  if (lane === undefined && leftovers.isPurged(shard, row.tenantId)) leftovers.purgeLeftover(shard, row.tenantId);
}
