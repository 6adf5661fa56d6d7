import type { RepublishReason, SeenRecord } from '@relay/sync-engine';
import { refKey, type MemoryRows } from './memory-rows.js';
import type { MemoryTransaction } from './memory-tables.js';

interface NotePorts {
  shardOf(tenantId: string): number;
  nextNumber(): number;
}

/** Notes where records were met in the log, and what is wrong there for the owner. */
export async function noteSeenRecords(
  tx: MemoryTransaction,
  rows: MemoryRows,
  seen: readonly SeenRecord[],
  ports: NotePorts,
): Promise<void> {
  for (const { resource, partition, offset } of seen) {
    await tx.write(rows.readBack, `${resource}/${partition}`, (before) => {
      const next = offset + 1n;
      return { resource, partition, next: before === undefined || before.next < next ? next : before.next };
    });
  }
  for (const one of seen) {
    const found = await noteOne(tx, rows, one);
    const shard = found?.shard ?? ports.shardOf(one.tenantId);
    const reason = found === null ? (one.tombstone ? null : 'unknown') : found.reason;
    if (reason === null) continue;
    const { tenantId, resource, recordId, version } = one;
    const noted = ports.nextNumber();
    await tx.write(rows.republish, `${shard}\0${refKey(one)}`, (before) => {
      const known = before?.seenVersion ?? null;
      const seenVersion = known === null || version === null ? (known ?? version) : Math.max(known, version);
      return { tenantId, resource, recordId, shard, reason, seenVersion, noted };
    });
  }
}

/** null: the mirror has no such record. */
async function noteOne(
  tx: MemoryTransaction,
  rows: MemoryRows,
  { version, partition, offset, ...ref }: SeenRecord,
): Promise<{ readonly shard: number; readonly reason: RepublishReason | null } | null> {
  if (tx.read(rows.record, refKey(ref)) === undefined) return null;
  let reason: RepublishReason | null = null;
  const written = await tx.write(rows.record, refKey(ref), (stored) => {
    if (stored === undefined || (stored.logOffset !== null && offset <= stored.logOffset)) return stored;
    const { row, logVersion: earlier } = stored;
    if (version !== null && version > row.version) reason = 'log-ahead';
    if (version !== null && version < row.version && earlier !== null && earlier > version) reason = 'older-last';
    return { ...stored, logVersion: version, logPartition: partition, logOffset: offset };
  });
  return written === undefined ? null : { shard: written.shard, reason };
}
