import { hostname } from 'node:os';
import { ShardEpochs, type Tx } from '@relay/database';

/** A shard that this process holds, and the epoch that its commits must carry. */
export interface HeldShard {
  readonly shard: number;
  readonly epoch: number;
}

/** Class of the advisory locks by tenant. Any number that is no service's. */
const TENANT_LOCKS = 730_194;

/** Which shards this process holds, and the only way to commit for one of them. */
export class HeldShards {
  private readonly held = new Map<number, number>();
  private readonly owner = `${hostname()}:${process.pid}`;

  constructor(private readonly epochs: ShardEpochs) {}

  /** Raises the shard's epoch: whoever held it before cannot commit any more. Its work starts with `start`. */
  take(shard: number): Promise<number> {
    return this.epochs.take(shard, this.owner);
  }

  async isCurrent(shard: number, epoch: number): Promise<boolean> {
    return (await this.epochs.current(shard)) === epoch;
  }

  start(shard: number, epoch: number): void {
    this.held.set(shard, epoch);
  }

  /** Forgets a shard; with an epoch, only if that is the one held. */
  drop(shard: number, epoch?: number): void {
    if (epoch === undefined || this.held.get(shard) === epoch) this.held.delete(shard);
  }

  epochOf(shard: number): number | null {
    return this.held.get(shard) ?? null;
  }

  shards(): number[] {
    return [...this.held.keys()];
  }

  /** Throws `FencedOut` and commits nothing when somebody else has taken the shard. */
  commit<T>({ shard, epoch }: HeldShard, work: (tx: Tx) => Promise<T>): Promise<T> {
    return this.epochs.fenced(shard, epoch, work);
  }

  /**
   * The same for what touches several credentials of a tenant: one at a time, since any of them may take over from any
   * other, and each writes what the others read.
   */
  commitFor<T>(held: HeldShard, tenantId: string, work: (tx: Tx) => Promise<T>): Promise<T> {
    return this.commit(held, async (tx) => {
      await tx.query('select pg_advisory_xact_lock($1, hashtext($2))', [TENANT_LOCKS, tenantId]);
      return work(tx);
    });
  }

  /** Commits what came in at this process for a shard that another one may hold. */
  commitBeside<T>(shard: number, work: (tx: Tx) => Promise<T>): Promise<T> {
    return this.epochs.beside(shard, work);
  }
}
