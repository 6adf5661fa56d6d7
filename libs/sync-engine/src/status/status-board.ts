import { createHash } from 'node:crypto';
import { CLOSED_BREAKER, breakerPhase } from '@relay/http-client';
import { nextVersion, type StateMessage, type StateTopic } from '@relay/state-topic';
import type { SyncStatusValue } from '@relay/contracts';
import { every } from '@relay/service-kit';
import type { LaneProcess } from '../lanes/lane-ports.js';
import type { EngineStore, UnitOfWork } from '../ports/engine-store.js';
import type { RecordPublisher } from '../records/record-publisher.js';
import type { OwnedShard } from '../shards/owned-shard.js';
import type { CompletenessBoard } from './completeness-board.js';
import { SnapshotMarks } from './snapshot-marks.js';
import { statusOf } from './status-of.js';

export interface StatusBoardOptions {
  readonly process: LaneProcess;
  readonly store: Pick<EngineStore, 'logOffsets'>;
  readonly topic: StateTopic;
  readonly publisher: RecordPublisher;
  readonly completeness: CompletenessBoard;
  shards(): Iterable<OwnedShard>;
}

interface Published {
  /** Of what it says: the text itself would be held once for each resource of each tenant. */
  readonly digest: string;
  readonly at: number;
  readonly version: number;
}

interface DueStatus {
  readonly key: string;
  readonly value: SyncStatusValue;
  readonly digest: string;
}

/** Rows written in one transaction. */
const MOST_AT_ONCE = 100;

/** Publishes `sync-status.v1`: soon after a change, else every few minutes. */
export class StatusBoard {
  private readonly dirty = new Map<OwnedShard, Set<string>>();
  /** By shard object: what another owner has published in between is not known here. */
  private readonly published = new WeakMap<OwnedShard, Map<string, Published>>();
  private end: (() => void) | null = null;
  private flushing = false;
  private lastRoundAt = 0;
  private readonly marks: SnapshotMarks;

  constructor(private readonly options: StatusBoardOptions) {
    const { process, store, publisher } = options;
    this.marks = new SnapshotMarks({
      process,
      store,
      unpublished: (tenantId, resource) => publisher.unpublished(tenantId, resource),
      touched: (shard, tenantId, resource) => this.touched(shard, tenantId, resource),
    });
  }

  start(): void {
    const { time, rules } = this.options.process;
    this.end = every(time, rules.statusDirtyMs, () => void this.flush());
  }

  close(): void {
    this.end?.();
  }

  /** A tenant's status may have changed; of one resource, or of all. */
  touched(shard: OwnedShard, tenantId: string, resource: string | null): void {
    const resources = resource === null ? this.resourceNames() : [resource];
    let keys = this.dirty.get(shard);
    if (keys === undefined) this.dirty.set(shard, (keys = new Set()));
    for (const name of resources) keys.add(`${tenantId}\0${name}`);
  }

  /** A version was acknowledged: the count of unpublished ones has changed. */
  acknowledged(shard: OwnedShard | null, tenantId: string, resource: string): void {
    if (shard !== null) this.touched(shard, tenantId, resource);
  }

  /** Tombstones of all that is published of a tenant, in the transaction that purges it. */
  async retire(unit: UnitOfWork, shard: OwnedShard, tenantId: string): Promise<StateMessage[]> {
    const { process } = this.options;
    const published = this.publishedOf(shard);
    const messages: StateMessage[] = [];
    for (const rowKey of await unit.statuses.keysOf(tenantId)) {
      published.delete(`${tenantId}\0${rowKey.slice(tenantId.length + 1)}`);
      const version = nextVersion((await unit.statuses.get(rowKey))?.version ?? null, process.now());
      const message = await unit.statuses.put({ rowKey, partitionKey: tenantId, version, value: null });
      if (message !== null) messages.push(message);
    }
    return messages;
  }

  async flush(): Promise<void> {
    if (this.flushing) return;
    this.flushing = true;
    try {
      this.touchQuietOnes();
      // What cannot be written is touched again, and comes with the next round.
      const dirty = new Map(this.dirty);
      this.dirty.clear();
      for (const [shard, keys] of dirty) {
        if (shard.signal.aborted) continue;
        const all = [...keys];
        for (const key of all) {
          this.marks.consider(shard, ...resourceAt(key));
          await this.writeReport(shard, ...resourceAt(key));
        }
        for (let at = 0; at < all.length; at += MOST_AT_ONCE) await this.write(shard, all.slice(at, at + MOST_AT_ONCE));
      }
      void this.marks.run();
    } finally {
      this.flushing = false;
    }
  }

  private async writeReport(shard: OwnedShard, tenantId: string, resource: string): Promise<void> {
    try {
      await this.options.completeness.write(shard, tenantId, resource);
    } catch (error) {
      if (shard.signal.aborted) return;
      this.touched(shard, tenantId, resource);
      this.options.process.log.debug({ tenantId, resource, err: error }, 'completeness could not be written now');
    }
  }

  private publishedOf(shard: OwnedShard): Map<string, Published> {
    let published = this.published.get(shard);
    if (published === undefined) this.published.set(shard, (published = new Map()));
    return published;
  }

  private resourceNames(): string[] {
    return this.options.process.connector.resources.map((spec) => spec.name);
  }

  /** Now and then: those that have not been published for long. */
  private touchQuietOnes(): void {
    const { now, rules } = this.options.process;
    const time = now();
    if (time - this.lastRoundAt < Math.min(10_000, rules.statusQuietMs / 4)) return;
    this.lastRoundAt = time;
    for (const shard of this.options.shards()) {
      for (const tenantId of shard.lanes.keys()) {
        for (const name of this.resourceNames()) {
          const last = this.publishedOf(shard).get(`${tenantId}\0${name}`);
          if (last === undefined || time - last.at >= rules.statusQuietMs) this.touched(shard, tenantId, name);
        }
      }
    }
  }

  private async write(shard: OwnedShard, keys: readonly string[]): Promise<void> {
    const now = this.options.process.now();
    const published = this.publishedOf(shard);
    const due = keys.map((key) => this.due(shard, key, now)).filter((status) => status !== null);
    if (due.length === 0) return;
    try {
      const messages = await shard.fenced(async (unit) => {
        const sent: StateMessage[] = [];
        for (const { key, value, digest } of due) {
          const rowKey = `${value.tenantId}/${value.resource}`;
          const known = published.get(key)?.version ?? (await unit.statuses.get(rowKey))?.version ?? null;
          const version = nextVersion(known, now);
          const row = { rowKey, partitionKey: value.tenantId, version, value: { ...value, version } };
          const message = await unit.statuses.put(row);
          if (message === null) continue;
          sent.push(message);
          published.set(key, { digest, at: now, version });
        }
        return sent;
      });
      void this.options.topic.publish(messages);
    } catch (error) {
      for (const { key } of due) published.delete(key);
      if (shard.signal.aborted) return;
      for (const { value } of due) this.touched(shard, value.tenantId, value.resource);
      this.options.process.log.debug({ shard: shard.shard, err: error }, 'sync-status could not be written now');
    }
  }

  /** The status if it is new, or old enough to be said again. */
  private due(shard: OwnedShard, key: string, now: number): DueStatus | null {
    const [tenantId, resource] = resourceAt(key);
    const tenant = shard.memory.tenants.get(tenantId);
    if (tenant === undefined || tenant.vendor !== this.options.process.connector.vendor) return null;
    // Of a purged one nothing is said any more.
    if (tenant.state === 'purged') return null;
    const lane = shard.lanes.get(tenantId);
    const spec = this.options.process.connector.resources.find(({ name }) => name === resource);
    const value = statusOf(
      {
        tenant,
        resource,
        memory: shard.memory.resource(tenantId, resource),
        block: lane?.state.block?.kind ?? null,
        breaker: breakerPhase(lane?.state.breaker ?? CLOSED_BREAKER, now),
        prepareReason: lane?.state.prepareReason ?? null,
        prepared: lane?.state ?? null,
        presence: lane?.presence.present ?? null,
        hasNotices: spec?.hasNotices ?? false,
        pace: spec === undefined ? null : (lane?.agenda.pace(spec) ?? null),
        parked: lane?.queue.parked(resource) ?? 0,
        calls: this.options.process.connector.callsOf?.(tenant) ?? null,
        held: lane?.queue.heldCount(resource) ?? 0,
        unpublished: this.options.publisher.unpublished(tenantId, resource),
      },
      now,
    );
    const last = this.publishedOf(shard).get(key);
    const isOld = last === undefined || now - last.at >= this.options.process.rules.statusQuietMs;
    const digest = digestOf(value);
    return isOld || last.digest !== digest ? { key, value, digest } : null;
  }
}

function resourceAt(key: string): [tenantId: string, resource: string] {
  const [tenantId = '', resource = ''] = key.split('\0');
  return [tenantId, resource];
}

/** Of all but the instants and the count of calls, which alone are no news. */
function digestOf(value: SyncStatusValue): string {
  const {
    updatedAt: _updatedAt,
    lastCheckedAt: _lastCheckedAt,
    completeAsOf: _completeAsOf,
    calls: _calls,
    backfill,
    access,
    ...rest
  } = value;
  const text = JSON.stringify({
    ...rest,
    access: access === null || access === undefined ? null : { ...access, checkedAt: null },
    backfill: backfill === null ? null : { done: backfill.done, total: backfill.total },
  });
  return createHash('sha256').update(text).digest('base64');
}
