import { recordTopic } from '@relay/contracts';
import type { StateMessage } from '@relay/state-topic';
import type { MirrorRow } from '../core/model.js';
import { tombstoneOf } from '../core/record-version.js';
import type { LaneProcess } from '../lanes/lane-ports.js';
import type { EngineStore, UnitOfWork } from '../ports/engine-store.js';
import type { RecordLog } from '../ports/record-log.js';
import type { PurgeRow } from '../ports/stored-rows.js';
import type { RecordPublisher } from '../records/record-publisher.js';
import { stateMessageOf } from '../records/record-state-store.js';
import type { OwnedShard } from '../shards/owned-shard.js';

/** Rows of one transaction: short enough that the shard's lanes do not wait for it. */
const PAGE = 500;
/** Pages in one go; the rest follows with the next. */
const PAGES = 20;
/** Stands in the lineage of the tombstones. */
const RUN_ID = 'purge';

export interface PurgePorts {
  readonly process: LaneProcess;
  readonly store: EngineStore;
  readonly publisher: RecordPublisher;
  readonly recordLog: RecordLog;
  /** Writes the tombstones of the tenant's statuses. */
  retireStatuses(unit: UnitOfWork, shard: OwnedShard, tenantId: string): Promise<StateMessage[]>;
  publishStatuses(messages: readonly StateMessage[]): void;
}

/** The steps of one tenant's purge. Each may be repeated, and is, after a crash. */
export class PurgeTenant {
  constructor(private readonly ports: PurgePorts) {}

  /** Makes tombstones of what is there. Gives the purge as it stands; `upTo` is set once all are made. */
  async makeTombstones(shard: OwnedShard, purge: PurgeRow): Promise<PurgeRow> {
    let present = purge;
    for (let page = 0; page < PAGES && present.upTo === null; page += 1) {
      if (shard.isCongested()) return present;
      present = await this.onePage(shard, present);
      await this.ports.process.fault('sync:purge-after-tombstones');
    }
    return present;
  }

  private async onePage(shard: OwnedShard, purge: PurgeRow): Promise<PurgeRow> {
    const now = this.ports.process.now();
    const done = await shard.fenced(async (unit) => {
      const rows = await unit.liveRows(purge.tenantId, PAGE);
      const writes = rows.map((row) => {
        const at = { now, fetchedAt: now, readSeq: shard.nextReadSeq(), cause: 'sweep' } as const;
        const tombstone = tombstoneOf(row, at, { trigger: null, noticedAt: null, runId: RUN_ID });
        return { row: tombstone, body: { kind: 'drop' }, publish: true } as const;
      });
      await unit.writeRecords(writes);
      const counts: Record<string, number> = { ...purge.counts };
      for (const { resource } of rows) counts[resource] = (counts[resource] ?? 0) + 1;
      const isLast = rows.length < PAGE;
      const statuses = isLast ? await this.closeBooks(unit, shard, purge.tenantId) : [];
      // Every version of the tenant is at most this; a tenant that returns gets higher ones.
      const upTo = isLast ? Math.max(now, (await unit.newestVersion(purge.tenantId)) ?? 0) : null;
      const next: PurgeRow = { ...purge, counts, upTo };
      await unit.writePurge(next);
      return { writes, next, statuses };
    });
    const enabled = this.enabled();
    this.ports.publisher.publish(
      done.writes.filter(({ row }) => enabled.includes(row.resource)),
      shard.epoch,
    );
    this.ports.publishStatuses(done.statuses);
    return done.next;
  }

  /** With the last tombstones: nothing else that the engine knew of the tenant stays either. */
  private async closeBooks(unit: UnitOfWork, shard: OwnedShard, tenantId: string): Promise<StateMessage[]> {
    await unit.dropWorkOf(tenantId);
    return this.ports.retireStatuses(unit, shard, tenantId);
  }

  /**
   * Deletes rows whose tombstones the read-back has seen, and has markers written later where they lie. `waiting`: not all
   * were seen yet. `more`: live records have turned up meanwhile.
   */
  async deleteRows(shard: OwnedShard, { tenantId }: PurgeRow, upTo: number): Promise<'gone' | 'waiting' | 'more'> {
    await this.sendBeside(shard, tenantId);
    const { now, rules } = this.ports.process;
    for (let page = 0; page < PAGES; page += 1) {
      const deleted = await shard.fenced(async (unit) => {
        const gone = await unit.deleteSeen(tenantId, upTo, PAGE);
        const markers = gone.touched.flatMap((place) =>
          rules.purgeMarkersMs.map((after, index) => ({ ...place, number: index + 1, dueAt: now() + after })),
        );
        await unit.scheduleMarkers(markers);
        return gone.deleted;
      });
      if (deleted < PAGE) break;
    }
    const left = await this.ports.store.countLeft(tenantId, upTo);
    // Nobody serves the tenant meanwhile, so they are no new life: a late result, or a late message.
    if (left.live > 0) return 'more';
    return left.tombstones > 0 ? 'waiting' : 'gone';
  }

  /** Resources that are switched off are not read back: for them the broker's acknowledgement has to do. */
  private async sendBeside(shard: OwnedShard, tenantId: string): Promise<void> {
    const rows = await this.ports.store.unseenBeside(tenantId, this.enabled(), PAGE);
    await Promise.all(rows.map((row) => this.sendOne(shard, row)));
  }

  private async sendOne(shard: OwnedShard, row: MirrorRow): Promise<void> {
    const { connector, traceparent } = this.ports.process;
    const { vendor } = connector;
    const about = { vendor, cause: row.lineage.cause, epoch: shard.epoch, shardOf: () => shard.shard, traceparent };
    const { message } = stateMessageOf({ row, body: null }, about);
    const at = await this.ports.recordLog.send({ ...message, topic: recordTopic(vendor, row.resource) });
    await shard.fenced((unit) => unit.noteAcknowledged(row, at));
  }

  private enabled(): string[] {
    return this.ports.process.connector.resources.map((spec) => spec.name);
  }
}
