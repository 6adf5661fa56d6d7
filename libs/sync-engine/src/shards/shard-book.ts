import { hostname } from 'node:os';
import { every } from '@relay/service-kit';
import type { ShardOwner } from '@relay/kafka';
import type { StateTopic } from '@relay/state-topic';
import type { TenantValue } from '@relay/contracts';
import type { ShardDuty } from '../ports/shard-duty.js';
import { OwnedShard, type ShardPorts } from './owned-shard.js';
import { repairShard, type Leftovers } from './repair-shard.js';

export interface ShardBookOptions {
  readonly ports: Omit<ShardPorts, 'fenced' | 'lookForUnpublished'>;
  /** State topics whose rows belong to shards. */
  readonly topics: readonly StateTopic[];
  readonly records: StateTopic;
  readonly leftovers: Leftovers;
  readonly duties: readonly ShardDuty[];
  /** How often the owner looks at what the read-back has found wrong. */
  readonly repairMs: number;
}

const HOUR_MS = 3_600_000;

/** The shards that this process owns. Kafka's group says which; the database's epoch makes it true. */
export class ShardBook implements ShardOwner {
  private readonly shards = new Map<number, OwnedShard>();
  private readonly owner = `${hostname()}/${process.pid}`;
  private readonly ports: ShardPorts;
  private endRepair: (() => void) | null = null;
  private repairing = false;
  /** Shards whose last repair may have been committed without an answer. */
  private readonly doubtful = new Set<OwnedShard>();
  private lastForgetAt = 0;

  constructor(private readonly options: ShardBookOptions) {
    this.ports = {
      ...options.ports,
      lookForUnpublished: (shard) => this.takeOver(shard),
      fenced: (shard, error) => {
        this.log.warn({ shard: shard.shard, epoch: shard.epoch, err: error }, 'the shard cannot commit any more');
        if (this.shards.get(shard.shard) === shard) this.lost(shard.shard);
      },
    };
  }

  private get log() {
    return this.options.ports.process.log;
  }

  start(): void {
    this.endRepair = every(this.ports.process.time, this.options.repairMs, () => void this.repair());
  }

  close(): void {
    this.endRepair?.();
    for (const shard of this.shards.keys()) this.lost(shard);
  }

  /** The shard if it is held at this epoch. */
  at(shard: number, epoch: number | null): OwnedShard | null {
    const owned = this.shards.get(shard);
    return owned !== undefined && owned.epoch === epoch ? owned : null;
  }

  /** False after a commit that was fenced out. */
  holds(shard: number, epoch: number): boolean {
    return this.at(shard, epoch) !== null;
  }

  held(): Iterable<OwnedShard> {
    return this.shards.values();
  }

  epochOf(shard: number): number {
    return this.shards.get(shard)?.epoch ?? 0;
  }

  async take(shard: number): Promise<number> {
    this.lost(shard);
    const epoch = await this.ports.store.take(shard, this.owner);
    this.shards.set(shard, new OwnedShard(shard, epoch, this.ports));
    return epoch;
  }

  /** Notices go on behind the last one that was taken in, by the transaction that took it in. */
  async goesOnAt(shard: number, topic: string): Promise<bigint | null> {
    return topic === 'notice.v1' ? this.ports.store.noticePosition(shard) : null;
  }

  async isCurrent(shard: number, epoch: number): Promise<boolean> {
    if (this.at(shard, epoch) === null) return false;
    return (await this.ports.store.currentEpoch(shard)) === epoch;
  }

  async loaded(shard: number, epoch: number): Promise<void> {
    const owned = this.at(shard, epoch);
    if (owned === null || owned.loaded) return;
    await owned.load();
    if (this.at(shard, epoch) !== owned || owned.signal.aborted) return;
    this.takeOver(shard);
    for (const duty of this.options.duties) {
      duty.start(owned);
      for (const tenant of owned.tenants()) duty.tenantChanged?.(owned, tenant);
    }
    this.log.info({ shard, epoch, tenants: owned.lanes.size }, 'shard loaded');
  }

  lost(shard: number): void {
    const owned = this.shards.get(shard);
    if (owned === undefined) return;
    this.shards.delete(shard);
    this.doubtful.delete(owned);
    owned.end();
    this.log.info({ shard, epoch: owned.epoch }, 'shard lost');
    for (const topic of this.options.topics) topic.release(shard);
  }

  /** A value of `tenant.v1` for a shard. */
  async tenantChanged(owned: OwnedShard, tenantId: string, tenant: TenantValue | null): Promise<void> {
    await owned.tenantChanged(tenantId, tenant);
    if (tenant === null || !owned.loaded) return;
    for (const duty of this.options.duties) duty.tenantChanged?.(owned, tenant);
  }

  /** Rows that somebody has committed and nobody has seen in the log. In the background: Kafka may be away. */
  private takeOver(shard: number): void {
    for (const topic of this.options.topics) {
      topic.takeOver(shard).catch((error: unknown) => {
        this.log.warn({ shard, err: error }, 'unpublished rows could not be looked for; trying again');
        this.ports.process.time.after(2_000, () => {
          if (this.shards.has(shard)) this.takeOver(shard);
        });
      });
    }
  }

  private async repair(): Promise<void> {
    if (this.repairing) return;
    this.repairing = true;
    const now = this.ports.process.now();
    const forget = now - this.lastForgetAt > HOUR_MS;
    if (forget) this.lastForgetAt = now;
    for (const owned of [...this.shards.values()].filter((shard) => shard.loaded)) {
      try {
        const { records, leftovers } = this.options;
        if (this.doubtful.has(owned)) await owned.reload();
        this.doubtful.delete(owned);
        await repairShard(owned, this.ports.store, records, this.ports.process, leftovers);
        if (forget) await owned.forgetUnknown();
      } catch (error) {
        if (owned.signal.aborted) continue;
        this.doubtful.add(owned);
        this.log.debug({ shard: owned.shard, err: error }, 'the shard could not be repaired now');
      }
    }
    this.repairing = false;
  }
}
