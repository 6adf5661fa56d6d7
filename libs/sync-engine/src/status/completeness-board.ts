import type { CompletenessValue } from '@relay/contracts';
import { nextVersion, type StateMessage, type StateTopic } from '@relay/state-topic';
import type { CompletenessReport } from '../core/comparison.js';
import type { LaneProcess } from '../lanes/lane-ports.js';
import type { UnitOfWork } from '../ports/engine-store.js';
import type { OwnedShard } from '../shards/owned-shard.js';

/**
 * Publishes `completeness.v1`: the report of a resource's last whole reading. The report stands in the resource's facts, so
 * a process that is killed before it is published leaves it to the next owner.
 */
export class CompletenessBoard {
  /** Reports that stand in their row, by shard object and resource. */
  private readonly written = new WeakMap<OwnedShard, Map<string, CompletenessReport>>();

  constructor(
    private readonly process: LaneProcess,
    private readonly topic: StateTopic,
  ) {}

  /** Writes the report of a resource if it is newer than the one that stands in its row. */
  async write(shard: OwnedShard, tenantId: string, resource: string): Promise<void> {
    const tenant = shard.memory.tenants.get(tenantId);
    const report = shard.memory.resource(tenantId, resource).facts.completeness;
    const written = this.writtenOf(shard);
    const key = `${tenantId}\0${resource}`;
    if (tenant === undefined || tenant.state === 'purged' || report === null || written.get(key) === report) return;
    const { vendor } = this.process.connector;
    const value = valueOf({ tenantId, vendor, resource }, report);
    const message = await shard.fenced(async (unit) => {
      const rowKey = `${tenantId}/${resource}`;
      const before = await unit.completeness.get(rowKey);
      const standing = before?.value as CompletenessValue | null | undefined;
      if (before !== null && standing?.checkedAt === value.checkedAt) return null;
      const version = nextVersion(before?.version ?? null, this.process.now());
      return unit.completeness.put({ rowKey, partitionKey: tenantId, version, value: { ...value, version } });
    });
    written.set(key, report);
    if (message !== null) void this.topic.publish([message]);
  }

  /** Tombstones of all that is published of a tenant, in the transaction that purges it. */
  async retire(unit: UnitOfWork, shard: OwnedShard, tenantId: string): Promise<StateMessage[]> {
    const messages: StateMessage[] = [];
    for (const rowKey of await unit.completeness.keysOf(tenantId)) {
      this.writtenOf(shard).delete(`${tenantId}\0${rowKey.slice(tenantId.length + 1)}`);
      const version = nextVersion((await unit.completeness.get(rowKey))?.version ?? null, this.process.now());
      const message = await unit.completeness.put({ rowKey, partitionKey: tenantId, version, value: null });
      if (message !== null) messages.push(message);
    }
    return messages;
  }

  private writtenOf(shard: OwnedShard): Map<string, CompletenessReport> {
    let written = this.written.get(shard);
    if (written === undefined) this.written.set(shard, (written = new Map()));
    return written;
  }
}

function valueOf(
  about: Pick<CompletenessValue, 'tenantId' | 'vendor' | 'resource'>,
  report: CompletenessReport,
): CompletenessValue {
  const named = ({ count, ids }: CompletenessReport['differing']) => ({ count, ids: [...ids] });
  return {
    ...about,
    startedAt: new Date(report.startedAt).toISOString(),
    checkedAt: new Date(report.checkedAt).toISOString(),
    atVendor: { ...report.atVendor },
    here: { ...report.here },
    unsettled: report.unsettled,
    missingHere: named(report.missingHere),
    missingThere: named(report.missingThere),
    differing: named(report.differing),
  };
}
