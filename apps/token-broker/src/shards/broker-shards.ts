import type { ShardOwner } from '@relay/kafka';
import type { ExactClientKeeper } from '../exact/exact-client-keeper.js';
import type { RotationWorker } from '../rotation/rotation-worker.js';
import type { Outbox } from '../publishing/outbox.js';
import type { DueWorker } from '../work/due-worker.js';
import type { HeldShards } from './held-shards.js';

/** What taking and losing a shard means here. */
export class BrokerShards implements ShardOwner {
  constructor(
    private readonly held: HeldShards,
    private readonly exact: ExactClientKeeper,
    private readonly outbox: Outbox,
    private readonly worker: DueWorker,
    private readonly rotation: Pick<RotationWorker, 'shardTaken'>,
  ) {}

  take(shard: number): Promise<number> {
    return this.held.take(shard);
  }

  isCurrent(shard: number, epoch: number): Promise<boolean> {
    return this.held.isCurrent(shard, epoch);
  }

  async loaded(shard: number, epoch: number): Promise<void> {
    await this.exact.shardTaken({ shard, epoch });
    this.held.start(shard, epoch);
    this.outbox.takeOver(shard);
    this.worker.kick();
    this.rotation.shardTaken();
  }

  lost(shard: number): void {
    this.held.drop(shard);
    this.outbox.release(shard);
  }
}
