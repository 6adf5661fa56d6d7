import { leastEpoch } from '@relay/database';
import { MemoryRows, type RowsBackup } from './memory-rows.js';
import { MemoryStore, type CommitFate, type RunStatement, type StoreServer, type StoreStep } from './memory-store.js';
import { MemoryTransaction, StoreAway, type TransactionSurroundings } from './memory-tables.js';
import { MemoryVersions } from './memory-versions.js';

export interface MemoryDatabaseOptions {
  readonly partitions: number;
  /** The server's clock. */
  readonly clock: TransactionSurroundings;
}

const TOPICS = { status: 'sync-status.v1', completeness: 'completeness.v1', farewell: 'withdrawal.v1' } as const;

/** One database for all processes of a model: what PostgreSQL is to a service, in memory, with faults to order. */
export class MemoryDatabase implements StoreServer {
  readonly rows = new MemoryRows();
  /** False: a bug that was planted. Nobody is asked for the epoch, and a take waits for nobody. */
  hasFence = true;
  /** While true nothing can be asked. */
  isAway = false;
  /** How often it was asked for something, in vain too. */
  asked = 0;
  /** Draws what becomes of a commit. */
  fateOfCommit: (shard: number, epoch: number) => CommitFate = () => 'committed';
  private readonly open = new Map<number, Set<MemoryTransaction>>();
  private readonly taking = new Map<number, Promise<void>>();
  private numbers = 0;

  constructor(private readonly options: MemoryDatabaseOptions) {}

  /** A process's way in. `reach` is called at each step and takes as long as the way does. */
  connect(reach: (step: StoreStep) => Promise<void> = async () => undefined): MemoryStore {
    return new MemoryStore(this, async (step) => {
      await reach(step);
      this.asked += 1;
      if (this.isAway) throw new StoreAway('the database is away');
    });
  }

  backup(): RowsBackup {
    return this.rows.copy();
  }

  /** Restores a backup: whatever is open ends, everything is as it was. Sequences go on, as restored ones may not. */
  restore(backup: RowsBackup): void {
    for (const transactions of this.open.values()) for (const tx of transactions) tx.rollback();
    this.rows.restore(backup);
  }

  versions(which: 'status' | 'completeness' | 'farewell', statement: RunStatement): MemoryVersions {
    const { partitions, clock } = this.options;
    const topic = TOPICS[which];
    return new MemoryVersions(this.rows[which], { topic, partitions, statement, now: () => clock.now() });
  }

  epoch(shard: number): number {
    return this.rows.shard.rows.get(String(shard)) ?? 0;
  }

  /** Waits for the units of the shard that are open; those that come later wait for the take. */
  async take(shard: number): Promise<number> {
    while (this.taking.has(shard)) await this.taking.get(shard);
    const { promise, resolve } = Promise.withResolvers<void>();
    this.taking.set(shard, promise);
    try {
      for (const tx of (this.hasFence ? this.open.get(shard) : undefined) ?? []) await tx.ended();
      const epoch = Math.max(this.epoch(shard) + 1, leastEpoch(this.options.clock.now()));
      this.rows.shard.rows.set(String(shard), epoch);
      return epoch;
    } finally {
      this.taking.delete(shard);
      resolve();
    }
  }

  /** Begins a unit of a shard. */
  async begin(shard: number): Promise<MemoryTransaction> {
    while (this.taking.has(shard)) await this.taking.get(shard);
    const tx = new MemoryTransaction(this.options.clock);
    let open = this.open.get(shard);
    if (open === undefined) this.open.set(shard, (open = new Set()));
    open.add(tx);
    return tx;
  }

  end(shard: number, tx: MemoryTransaction): void {
    this.open.get(shard)?.delete(tx);
  }

  /** One statement, committed by itself. */
  async statement<T>(work: (tx: MemoryTransaction) => Promise<T>): Promise<T> {
    const tx = new MemoryTransaction(this.options.clock);
    try {
      const result = await work(tx);
      tx.commit();
      return result;
    } finally {
      tx.rollback();
    }
  }

  /** Of the sequence of generations; also orders what was noted. */
  nextNumber(): number {
    this.numbers += 1;
    return this.numbers;
  }
}
