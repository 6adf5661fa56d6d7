import type { NoticeValue } from '@relay/contracts';
import { RetryLater, type ReceivedBatch } from '@relay/kafka';
import type { FaultPoint } from '../fault-points.js';
import type { NoticedRecord, ResourceWrite } from '../ports/stored-rows.js';
import { countTrigger, noCounters } from '../shards/shard-memory.js';
import type { OwnedShard } from '../shards/owned-shard.js';
import { noticeKind } from './notice-kind.js';

export interface IntakePorts {
  /** The shard at this epoch; null when it is not ours any more. */
  shardAt(shard: number, epoch: number | null): OwnedShard | null;
  readonly resources: ReadonlySet<string>;
  now(): number;
  fault(point: FaultPoint): Promise<void>;
  /** The store was away or busy. */
  isTransient(error: unknown): boolean;
  /** Counts what becomes of notices. */
  counted(outcome: 'taken' | 'no-resource' | 'withdrawn', by: number): void;
}

/** A unit whose commit had no answer. */
interface Doubtful {
  readonly next: bigint;
  readonly counts: readonly ResourceWrite[];
  /** `ShardMemory.reloads` then. */
  readonly reloads: number;
}

interface Kept {
  readonly notice: NoticeValue;
  readonly offset: bigint;
}

/**
 * Takes notices in: one transaction for a batch, then the lanes are woken. Never waits for a vendor. A batch that comes again
 * is announced again, which costs a reading at most; how far the notices were taken in says which are counted already.
 */
export class NoticeIntake {
  private readonly doubtful = new WeakMap<OwnedShard, Doubtful>();

  constructor(private readonly ports: IntakePorts) {}

  async take(batch: ReceivedBatch<NoticeValue>): Promise<void> {
    const shard = this.ports.shardAt(batch.partition, batch.epoch);
    if (shard === null) throw new RetryLater('the shard is not loaded');
    const kept = this.wanted(batch, shard);
    let counts: readonly ResourceWrite[] = [];
    let stood = 0n;
    const next = (batch.messages.at(-1)?.offset ?? -1n) + 1n;
    await this.ports.fault('sync:before-notices');
    try {
      const entries = await shard.fenced(async (unit) => {
        stood = await unit.writeNoticePosition(next);
        const isNew = ({ offset }: Kept): boolean => offset >= stood;
        const announced = await unit.announce(together(kept, isNew), this.ports.now());
        counts = countsOf(kept.filter(isNew));
        await unit.addToResources(counts);
        return announced;
      });
      for (const count of [...this.committedBefore(shard, stood), ...counts]) {
        shard.memory.apply(count);
        shard.touched(count.tenantId, count.resource);
      }
      this.doubtful.delete(shard);
      shard.horizon.consumed(next);
      shard.noticed(entries);
    } catch (error) {
      if (this.ports.isTransient(error)) {
        const before = this.committedBefore(shard, stood);
        this.doubtful.set(shard, { next, counts: [...before, ...counts], reloads: shard.memory.reloads });
        throw new RetryLater('the database is away', undefined, { cause: error });
      }
      throw error;
    }
    await this.ports.fault('sync:after-notices');
  }

  /** What a unit has counted that turns out to have been committed, and that no reading of the tables has shown since. */
  private committedBefore(shard: OwnedShard, stood: bigint): readonly ResourceWrite[] {
    const doubtful = this.doubtful.get(shard);
    if (doubtful === undefined || doubtful.reloads !== shard.memory.reloads) return [];
    return stood >= doubtful.next ? doubtful.counts : [];
  }

  /** Notices of tenants not known yet are kept; those of withdrawn ones, and of no enabled resource, are counted only. */
  private wanted(batch: ReceivedBatch<NoticeValue>, shard: OwnedShard): Kept[] {
    const kept: Kept[] = [];
    for (const { value, offset } of batch.messages) {
      if (value === null) continue;
      const state = shard.memory.tenants.get(value.tenantId)?.state;
      if (state === 'withdrawn' || state === 'purged') this.ports.counted('withdrawn', 1);
      else if (value.resource === null || !this.ports.resources.has(value.resource))
        this.ports.counted('no-resource', 1);
      else kept.push({ notice: value, offset });
    }
    this.ports.counted('taken', kept.length);
    return kept;
  }
}

const keyOf = (notice: NoticeValue): string => `${notice.tenantId}\0${notice.resource}\0${notice.recordId}`;

/** Ten notices of one record are one row. Those that were taken in before do not count again. */
function together(kept: readonly Kept[], isNew: (kept: Kept) => boolean): NoticedRecord[] {
  const byRecord = new Map<string, NoticedRecord>();
  for (const one of kept) {
    const { notice } = one;
    const at = Date.parse(notice.receivedAt);
    const before = byRecord.get(keyOf(notice));
    byRecord.set(keyOf(notice), {
      tenantId: notice.tenantId,
      resource: notice.resource as string,
      recordId: notice.recordId,
      trigger: notice.trigger,
      // The last word counts: a record deleted and created again is not deleted.
      deleteTrigger: noticeKind(notice.trigger) === 'deleted',
      firstNoticeAt: Math.min(at, before?.firstNoticeAt ?? at),
      lastNoticeAt: Math.max(at, before?.lastNoticeAt ?? at),
      notices: (before?.notices ?? 0) + (isNew(one) ? 1 : 0),
    });
  }
  // In key order: two transactions that touch the same rows can wait for each other, but never in a circle.
  return [...byRecord.values()].sort((a, b) => (sortKey(a) < sortKey(b) ? -1 : 1));
}

const sortKey = (r: NoticedRecord): string => `${r.tenantId}\0${r.resource}\0${r.recordId}`;

function countsOf(kept: readonly Kept[]): ResourceWrite[] {
  const counts = new Map<string, ResourceWrite>();
  for (const { notice } of kept) {
    const { tenantId, resource, trigger } = notice;
    const key = `${tenantId}\0${resource}`;
    const before = counts.get(key);
    counts.set(key, {
      tenantId,
      resource: resource as string,
      facts: null,
      noticesDelivered: (before?.noticesDelivered ?? false) || noticeKind(trigger) === 'changed',
      records: 0,
      counters: { ...noCounters(), notices: (before?.counters.notices ?? 0) + 1 },
      triggers: countTrigger(before?.triggers ?? {}, trigger, 'notices', 1),
    });
  }
  return [...counts.values()];
}
