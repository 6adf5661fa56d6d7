/**
 * Who fences the shards: the engine's side of a sharded group. Errors of `take`, `isCurrent` and `loaded` mean that the
 * database is away: they are tried again for as long as the shard is assigned.
 */
export interface ShardOwner {
  /** Makes this process the shard's owner; returns the new epoch, higher than every one before. */
  take(shard: number): Promise<number>;
  /** False when somebody else has taken the shard since. */
  isCurrent(shard: number, epoch: number): Promise<boolean>;
  /** The table topics of the shard have been read to their end. Queue topics start when it resolves. */
  loaded(shard: number, epoch: number): Promise<void>;
  /**
   * Where a queue of the shard goes on by the owner's own books, which are committed with what its messages have changed;
   * null: where the group has come. Asked after each take, before `loaded`. A database that was restored from a backup so
   * has everything again that it has forgotten.
   */
  goesOnAt?(shard: number, topic: string): Promise<bigint | null>;
  /** The shard is gone, or is about to be taken again: forget what was loaded. Commits with the old epoch will fail. */
  lost(shard: number): void;
}
