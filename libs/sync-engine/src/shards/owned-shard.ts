import { partitionOf, type TenantValue } from '@relay/contracts';
import type { LaneState } from '../core/lane-state.js';
import type { PendingEntry } from '../core/model.js';
import { Lane, type LaneRunner } from '../lanes/lane.js';
import type { LaneProcess, LaneShard } from '../lanes/lane-ports.js';
import { reviewBasis } from '../lanes/read-again.js';
import type { ShardHandle } from '../ports/shard-duty.js';
import type { EngineStore, MirrorReads, UnitOfWork } from '../ports/engine-store.js';
import { completePasses } from '../passes/read-page.js';
import type { RecordPublisher } from '../records/record-publisher.js';
import { Committer, type CommitOp, type Committed } from './committer.js';
import { NoticeHorizon } from './notice-horizon.js';
import { ShardMemory } from './shard-memory.js';

/** Who sees to tenants that were withdrawn or purged. */
export interface ShardWithdrawals {
  /** Before lanes get their state. */
  load(shard: OwnedShard): Promise<void>;
  /** A tenant has changed; before its lane is looked after. */
  order(shard: OwnedShard, tenant: TenantValue): void;
  /** True while the tenant must not be worked on. */
  blocks(shard: OwnedShard, tenantId: string): boolean;
  /** A tenant was loaded or has changed; after its lane was looked after. */
  settled(shard: OwnedShard, tenant: TenantValue): void;
}

export interface ShardPorts {
  readonly store: EngineStore;
  readonly process: LaneProcess;
  readonly run: LaneRunner;
  readonly partitions: number;
  readonly publisher: RecordPublisher;
  readonly withdrawals: ShardWithdrawals;
  /** End of the shard's notice partition; null when notices are not read. */
  noticeEnd(shard: number): Promise<bigint | null>;
  /** Where the group goes on with the shard's notices. */
  noticePosition(shard: number): Promise<bigint>;
  touched(shard: OwnedShard, tenantId: string, resource: string | null): void;
  /** Unpublished rows of the shard are looked for again. */
  lookForUnpublished(shard: number): void;
  /** It cannot commit any more: somebody else owns it. */
  fenced(shard: OwnedShard, error: unknown): void;
  committed(ops: number, seconds: number): void;
}

/** Read sequence: the epoch in the upper half, so that a later owner's readings are always later. */
const EPOCH_SHIFT = 32n;

/** A shard while this process owns it: its tenants, their lanes, and the one who writes for it. */
export class OwnedShard implements LaneShard, ShardHandle {
  readonly memory = new ShardMemory();
  readonly lanes = new Map<string, Lane>();
  private readonly abort = new AbortController();
  private readonly committer: Committer;
  private horizonOfLoad: NoticeHorizon | null = null;
  private readSeq: bigint;
  private isLoaded = false;

  constructor(
    readonly shard: number,
    readonly epoch: number,
    private readonly ports: ShardPorts,
  ) {
    this.readSeq = BigInt(epoch) << EPOCH_SHIFT;
    const { process, store } = ports;
    this.committer = new Committer({
      memory: this.memory,
      signal: this.signal,
      time: process.time,
      fenced: (work) => this.fenced(work),
      isTransient: (error) => store.isTransient(error),
      isFenced: (error) => store.isFenced(error),
      lanesKept: (states) => {
        for (const { spending } of states) process.connector.spending?.kept(spending);
      },
      broken: (error) => process.log.error({ shard, err: error }, 'a lane could not be saved'),
      noticesKnown: (tenantId, resource) => this.noticesKnown(tenantId, resource),
      consumedAsOf: () => this.horizonOfLoad?.consumedAsOf ?? null,
      publish: (writes) => ports.publisher.publish(writes, epoch),
      fail: (error) => {
        this.end();
        ports.fenced(this, error);
      },
      reload: () => this.reload(),
      lookForUnpublished: () => ports.lookForUnpublished(shard),
      beforeCommit: () => process.fault('sync:before-commit'),
      afterCommit: () => process.fault('sync:after-commit'),
      observe: (ops, seconds) => ports.committed(ops, seconds),
    });
  }

  get signal(): AbortSignal {
    return this.abort.signal;
  }

  get loaded(): boolean {
    return this.isLoaded;
  }

  get mirror(): MirrorReads {
    return this.ports.store;
  }

  get horizon(): NoticeHorizon {
    if (this.horizonOfLoad === null) throw new Error('the shard is not loaded');
    return this.horizonOfLoad;
  }

  nextReadSeq(): bigint {
    this.readSeq += 1n;
    return this.readSeq;
  }

  owns(tenantId: string): boolean {
    return partitionOf(tenantId, this.ports.partitions) === this.shard;
  }

  tenants(): Iterable<TenantValue> {
    return this.memory.tenants.values();
  }

  submit(op: CommitOp): Promise<Committed> {
    return this.committer.submit(op);
  }

  saveLane(tenantId: string, state: LaneState): void {
    this.committer.saveLane(tenantId, state);
  }

  isCongested(): boolean {
    return this.ports.publisher.isCongested;
  }

  touched(tenantId: string, resource: string | null): void {
    this.ports.touched(this, tenantId, resource);
  }

  fenced<T>(work: (unit: UnitOfWork) => Promise<T>): Promise<T> {
    return this.ports.store.fenced(this.shard, this.epoch, work);
  }

  /** The tenants of the shard are known: its lanes get their state and go. */
  async load(): Promise<void> {
    const { store } = this.ports;
    const position = await store.noticePosition(this.shard);
    this.horizonOfLoad = new NoticeHorizon(
      position,
      () => this.ports.noticeEnd(this.shard),
      () => this.ports.noticePosition(this.shard),
      () => this.ports.process.now(),
    );
    await this.ports.withdrawals.load(this);
    const loaded = await store.lanes(this.shard);
    this.memory.load(loaded.resources);
    const mine = [...this.memory.tenants.values()].filter((tenant) => this.hasLane(tenant));
    for (const tenant of mine) this.laneOf(tenant);
    const waiting = await store.pending(
      this.shard,
      mine.map((tenant) => tenant.tenantId),
    );
    if (this.signal.aborted) return;
    this.isLoaded = true;
    for (const entry of waiting) this.lanes.get(entry.tenantId)?.waits(entry);
    const states = new Map(loaded.lanes.map((lane) => [lane.tenantId, lane.state]));
    const cursors = Map.groupBy(loaded.cursors, ({ tenantId }) => tenantId);
    for (const lane of this.lanes.values()) {
      this.begin(lane, states.get(lane.tenantId) ?? null, cursors.get(lane.tenantId) ?? []);
    }
    for (const tenant of this.memory.tenants.values()) this.ports.withdrawals.settled(this, tenant);
  }

  /** A tenant's value on `tenant.v1`; null = it was removed. */
  async tenantChanged(tenantId: string, tenant: TenantValue | null): Promise<void> {
    if (tenant === null) return this.dropTenant(tenantId);
    const before = this.memory.tenants.get(tenantId);
    if (before !== undefined && before.version > tenant.version) return;
    this.memory.tenants.set(tenantId, tenant);
    if (!this.isLoaded) return;
    this.ports.withdrawals.order(this, tenant);
    await this.lookAfterLane(tenant);
    this.ports.withdrawals.settled(this, tenant);
  }

  /** What was known of a purged tenant is gone. If it is back, it begins anew. */
  async purged(tenantId: string): Promise<void> {
    this.memory.forgetResources(tenantId);
    const tenant = this.memory.tenants.get(tenantId);
    if (tenant !== undefined && this.hasLane(tenant) && !this.lanes.has(tenantId)) await this.openLane(tenant);
  }

  private async lookAfterLane(tenant: TenantValue): Promise<void> {
    const lane = this.lanes.get(tenant.tenantId);
    if (!this.hasLane(tenant)) {
      if (tenant.vendor === this.ports.process.connector.vendor) await this.dropLane(tenant.tenantId);
      return;
    }
    if (lane === undefined) await this.openLane(tenant);
    else lane.update(tenant);
  }

  /** Entries that were written for a tenant by the notice handler. */
  noticed(entries: readonly PendingEntry[]): void {
    const lanes = new Set<Lane>();
    for (const entry of entries) {
      const lane = this.lanes.get(entry.tenantId);
      if (lane === undefined) continue;
      lane.waits(entry);
      lanes.add(lane);
    }
    for (const lane of lanes) lane.wake();
  }

  /** Notices of tenants that nobody has ever heard of do not stay for ever. */
  async forgetUnknown(): Promise<void> {
    const before = this.ports.process.now() - this.ports.process.rules.unknownTenantKeepMs;
    await this.fenced((unit) => unit.forgetNoticesBefore(before, [...this.memory.tenants.keys()]));
  }

  end(): void {
    this.abort.abort(new Error('the shard was lost'));
    for (const lane of this.lanes.values()) lane.stop();
  }

  private hasLane(tenant: TenantValue): boolean {
    return (
      tenant.vendor === this.ports.process.connector.vendor &&
      tenant.state !== 'withdrawn' &&
      tenant.state !== 'purged' &&
      !this.ports.withdrawals.blocks(this, tenant.tenantId)
    );
  }

  private noticesKnown(tenantId: string, resource: string): boolean {
    return this.lanes.get(tenantId)?.noticesKnown(resource) ?? false;
  }

  private laneOf(tenant: TenantValue): Lane {
    const lane = new Lane(tenant, this, this.ports.process, this.ports.run);
    this.lanes.set(tenant.tenantId, lane);
    return lane;
  }

  /** A tenant that turns up while the shard is held: what waits for it was written before anybody knew it. */
  private async openLane(tenant: TenantValue): Promise<void> {
    const { store } = this.ports;
    const { tenantId } = tenant;
    const lane = this.laneOf(tenant);
    const loaded = await store.lanes(this.shard, tenantId);
    this.memory.load(loaded.resources);
    for (const entry of await store.pending(this.shard, [tenantId])) lane.waits(entry);
    this.begin(lane, loaded.lanes[0]?.state ?? null, loaded.cursors);
  }

  private begin(lane: Lane, state: LaneState | null, cursors: Parameters<Lane['load']>[1]): void {
    lane.load(state, cursors);
    reviewBasis(lane);
    this.touched(lane.tenantId, null);
    for (const spec of this.ports.process.connector.resources) {
      // A first reading that was read to its end before a crash has nothing else that would complete it.
      completePasses(lane, spec).catch((error: unknown) => this.lost(error));
    }
  }

  private lost(error: unknown): void {
    if (!this.signal.aborted)
      this.ports.process.log.error({ shard: this.shard, err: error }, 'a pass was not completed');
  }

  private async dropTenant(tenantId: string): Promise<void> {
    this.memory.tenants.delete(tenantId);
    if (this.isLoaded) await this.dropLane(tenantId);
  }

  private async dropLane(tenantId: string): Promise<void> {
    const lane = this.lanes.get(tenantId);
    lane?.stop();
    this.lanes.delete(tenantId);
    await this.fenced((unit) => unit.dropLane(tenantId));
    if (lane !== undefined) this.touched(tenantId, null);
  }

  /** Reads again what may have been committed without an answer: also records that it has raised wait for nobody else. */
  async reload(): Promise<void> {
    const { store } = this.ports;
    const loaded = await store.lanes(this.shard);
    this.memory.reload(loaded.resources);
    for (const { tenantId, resource, cursor } of loaded.cursors) this.lanes.get(tenantId)?.setCursor(resource, cursor);
    this.noticed(await store.pending(this.shard, [...this.lanes.keys()]));
  }
}
