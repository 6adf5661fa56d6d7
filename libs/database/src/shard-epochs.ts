import type { ServiceName } from '@relay/contracts';
import type { Database, Tx } from './database.js';
import { FencedOut } from './errors.js';
import { lockClassOf } from './schema.js';

/** Epochs are no lower than the seconds since then: 31 bits last until 2094, and leave half of a bigint to who counts on. */
const FIRST_SECOND = Date.UTC(2026, 0, 1) / 1000;

/** The least epoch of a take at an instant, in milliseconds. */
export function leastEpoch(now: number): number {
  return Math.max(1, Math.floor(now / 1000) - FIRST_SECOND);
}

/**
 * Who owns a shard. Taking it raises its epoch; every commit checks that the epoch is still its own. Both run under an
 * advisory lock, exclusive to take and shared to commit: a take waits for commits that run, and a commit that begins
 * later sees the new epoch.
 *
 * A database that was restored from a backup has forgotten epochs that were given since. So that none comes twice, an epoch
 * is never lower than the time by the server's clock: whoever took a shard before the restore cannot commit after a take
 * that follows it.
 */
export class ShardEpochs {
  private readonly lockClass: number;

  constructor(
    private readonly database: Database,
    service: ServiceName,
  ) {
    this.lockClass = lockClassOf(service);
  }

  /** Takes the shard from whoever has it and returns the new epoch. */
  async take(shard: number, owner: string): Promise<number> {
    return this.database.transaction(async (tx) => {
      await tx.query('select pg_advisory_xact_lock($1, $2)', [this.lockClass, shard]);
      const rows = await tx.query<{ epoch: string }>(
        `insert into shard (shard, epoch, owner, taken_at)
         values ($1, greatest(1, floor(extract(epoch from clock_timestamp()))::bigint - $3), $2, now())
         on conflict (shard) do update
           set epoch = greatest(shard.epoch + 1, excluded.epoch), owner = excluded.owner, taken_at = now()
         returning epoch`,
        [shard, owner, FIRST_SECOND],
      );
      return Number(rows[0]?.epoch);
    });
  }

  /** The present epoch; 0 for a shard that nobody has ever taken. */
  async current(shard: number): Promise<number> {
    return epochOf(await this.database.query('select epoch from shard where shard = $1', [shard]));
  }

  /** Commits `work` if the shard is still held at `epoch`; throws `FencedOut` and commits nothing otherwise. */
  async fenced<T>(shard: number, epoch: number, work: (tx: Tx) => Promise<T>): Promise<T> {
    if (!Number.isSafeInteger(shard)) throw new RangeError('a shard is a whole number');
    // One round trip, three statements: the epoch must be read by a statement that begins after the lock is held, since a
    // statement sees the data as they were when it began.
    const begin = `begin; select pg_advisory_xact_lock_shared(${this.lockClass}, ${shard}); select epoch from shard where shard = ${shard}`;
    return this.database.transaction(async (tx, opened) => {
      const current = epochOf(opened);
      if (current !== epoch) throw new FencedOut(shard, epoch, current);
      return work(tx);
    }, begin);
  }

  /**
   * Commits `work` of somebody who does not own the shard, while none of the owner's commits runs. For what comes in
   * through another door than the shard's own, at whichever process that is.
   */
  async beside<T>(shard: number, work: (tx: Tx) => Promise<T>): Promise<T> {
    return this.database.transaction(async (tx) => {
      await tx.query('select pg_advisory_xact_lock($1, $2)', [this.lockClass, shard]);
      return work(tx);
    });
  }
}

function epochOf(rows: readonly { epoch?: unknown }[]): number {
  return Number(rows[0]?.epoch ?? 0);
}
