import type { NoticeValue } from '@relay/contracts';
import { RetryLater, type ReceivedBatch } from '@relay/kafka';
import type { NoticedRecord, ResourceWrite } from '../ports/stored-rows.js';
import { noCounters } from '../shards/shard-memory.js';
import type { OwnedShard } from '../shards/owned-shard.js';
import { noticeKind } from './notice-kind.js';

export interface IntakePorts {
  /** The shard at this epoch; null when it is not ours any more. */
  shardAt(shard: number, epoch: number | null): OwnedShard | null;
  readonly resources: ReadonlySet<string>;
  now(): number;
  fault(point: string): Promise<void>;
  /** The store was away or busy. */
  isTransient(error: unknown): boolean;
  /** Counts what becomes of notices. */
  counted(outcome: 'taken' | 'no-resource' | 'withdrawn', by: number): void;
}

/** Takes notices in: one transaction for a batch, then the lanes are woken. Never waits for a vendor. */
export class NoticeIntake {
  constructor(private readonly ports: IntakePorts) {}

  async take(batch: ReceivedBatch<NoticeValue>): Promise<void> {
    const shard = this.ports.shardAt(batch.partition, batch.epoch);
    if (shard === null) throw new RetryLater('the shard is not loaded');
    const kept = this.wanted(batch, shard);
    const noticed = together(kept);
    const counts = countsOf(kept);
    const next = (batch.messages.at(-1)?.offset ?? -1n) + 1n;
    await this.ports.fault('sync:before-notices');
    try {
      const entries = await shard.fenced(async (unit) => {
        const announced = await unit.announce(noticed, this.ports.now());
        await unit.addToResources(counts);
        await unit.writeNoticePosition(next);
        return announced;
      });
      for (const count of counts) {
        shard.memory.apply(count);
        shard.touched(count.tenantId, count.resource);
      }
      shard.horizon.consumed(next);
      shard.noticed(entries);
    } catch (error) {
      if (this.ports.isTransient(error)) throw new RetryLater('the database is away', undefined, { cause: error });
      throw error;
    }
    await this.ports.fault('sync:after-notices');
  }

  /** Notices of tenants not known yet are kept; those of withdrawn ones, and of no enabled resource, are counted only. */
  private wanted(batch: ReceivedBatch<NoticeValue>, shard: OwnedShard): NoticeValue[] {
    const kept: NoticeValue[] = [];
    for (const { value } of batch.messages) {
      if (value === null) continue;
      const state = shard.memory.tenants.get(value.tenantId)?.state;
      if (state === 'withdrawn' || state === 'purged') this.ports.counted('withdrawn', 1);
      else if (value.resource === null || !this.ports.resources.has(value.resource))
        this.ports.counted('no-resource', 1);
      else kept.push(value);
    }
    this.ports.counted('taken', kept.length);
    return kept;
  }
}

const keyOf = (notice: NoticeValue): string => `${notice.tenantId}\0${notice.resource}\0${notice.recordId}`;

/** Ten notices of one record are one row. */
function together(notices: readonly NoticeValue[]): NoticedRecord[] {
  const byRecord = new Map<string, NoticedRecord>();
  for (const notice of notices) {
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
      notices: (before?.notices ?? 0) + 1,
    });
  }
  // In key order: two transactions that touch the same rows can wait for each other, but never in a circle.
  return [...byRecord.values()].sort((a, b) => (sortKey(a) < sortKey(b) ? -1 : 1));
}

const sortKey = (r: NoticedRecord): string => `${r.tenantId}\0${r.resource}\0${r.recordId}`;

function countsOf(notices: readonly NoticeValue[]): ResourceWrite[] {
  const counts = new Map<string, ResourceWrite>();
  for (const { tenantId, resource, trigger } of notices) {
    const key = `${tenantId}\0${resource}`;
    const before = counts.get(key);
    counts.set(key, {
      tenantId,
      resource: resource as string,
      facts: null,
      noticesDelivered: (before?.noticesDelivered ?? false) || noticeKind(trigger) === 'changed',
      records: 0,
      counters: { ...noCounters(), notices: (before?.counters.notices ?? 0) + 1 },
    });
  }
  return [...counts.values()];
}
