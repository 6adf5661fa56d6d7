/** The server has ended the session: the work may be tried again. Whether it was committed is not known. */
export class StoreAway extends Error {
  readonly code = 'store-away';
  readonly retryable = true;

  constructor(why: string) {
    super(why);
    this.name = 'StoreAway';
  }
}

/** Committed rows by key. Rows are values: they are replaced, never changed. */
export class MemoryTable<V> {
  rows = new Map<string, V>();
  /** Who has written a row and not ended yet. */
  readonly locks = new Map<string, MemoryTransaction>();
}

/** How long a session may keep others waiting while nothing is asked of it. */
const IDLE_MS = 5_000;

/** What a transaction needs of the server. */
export interface TransactionSurroundings {
  now(): number;
  after(ms: number, run: () => void): () => void;
}

/**
 * A transaction that reads what is committed (and what it has written itself), locks rows as it writes them, and makes its
 * writes visible all at once. One that keeps others waiting without asking for anything is ended by the server.
 */
export class MemoryTransaction {
  private readonly writes = new Map<MemoryTable<unknown>, Map<string, unknown>>();
  private readonly held: (readonly [MemoryTable<unknown>, string])[] = [];
  private readonly waiters: (() => void)[] = [];
  private waitsFor: MemoryTransaction | null = null;
  private lastAskedAt: number;
  private state: 'open' | 'committed' | 'ended' = 'open';

  constructor(private readonly surroundings: TransactionSurroundings) {
    this.lastAskedAt = surroundings.now();
  }

  get isOpen(): boolean {
    return this.state === 'open';
  }

  read<V>(table: MemoryTable<V>, key: string): V | undefined {
    this.asked();
    const own = this.writes.get(table);
    return own?.has(key) === true ? (own.get(key) as V | undefined) : table.rows.get(key);
  }

  /** All rows that fit, with their keys. */
  find<V>(table: MemoryTable<V>, fits: (row: V) => boolean): [string, V][] {
    this.asked();
    const own = this.writes.get(table) as Map<string, V | undefined> | undefined;
    const found: [string, V][] = [];
    for (const [key, row] of table.rows) if (own?.has(key) !== true && fits(row)) found.push([key, row]);
    if (own !== undefined) for (const [key, row] of own) if (row !== undefined && fits(row)) found.push([key, row]);
    return found;
  }

  /** Writes a row as a function of what it is once nobody else is writing it. Gives what it has become. */
  async write<V>(
    table: MemoryTable<V>,
    key: string,
    change: (row: V | undefined) => V | undefined,
  ): Promise<V | undefined> {
    await this.lock(table, key);
    const row = change(this.read(table, key));
    let own = this.writes.get(table);
    if (own === undefined) this.writes.set(table, (own = new Map()));
    own.set(key, row);
    return row;
  }

  commit(): void {
    this.asked();
    for (const [table, rows] of this.writes) {
      for (const [key, row] of rows) {
        if (row === undefined) table.rows.delete(key);
        else table.rows.set(key, row);
      }
    }
    this.state = 'committed';
    this.release();
  }

  rollback(): void {
    if (this.state === 'open') this.state = 'ended';
    this.release();
  }

  /** Resolves when it has ended. Whoever waits has it ended by the server when it is idle for long. */
  async ended(): Promise<void> {
    while (this.isOpen) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.waiters.push(resolve);
      const idleFor = this.surroundings.now() - this.lastAskedAt;
      const cancel = this.waitsFor === null ? this.surroundings.after(Math.max(1, IDLE_MS - idleFor), resolve) : null;
      await promise;
      cancel?.();
      const isIdle = this.waitsFor === null && this.surroundings.now() - this.lastAskedAt >= IDLE_MS;
      if (this.isOpen && isIdle) this.rollback();
    }
  }

  private async lock(table: MemoryTable<unknown>, key: string): Promise<void> {
    this.asked();
    for (let holder = table.locks.get(key); holder !== undefined && holder !== this; holder = table.locks.get(key)) {
      for (let other: MemoryTransaction | null = holder; other !== null; other = other.waitsFor) {
        if (other === this) throw new StoreAway('deadlock detected');
      }
      this.waitsFor = holder;
      await holder.ended();
      this.waitsFor = null;
      // Waiting for somebody is not idleness.
      if (this.isOpen) this.lastAskedAt = this.surroundings.now();
      this.asked();
    }
    if (table.locks.get(key) === this) return;
    table.locks.set(key, this);
    this.held.push([table, key]);
  }

  private asked(): void {
    const now = this.surroundings.now();
    if (this.isOpen && now - this.lastAskedAt > IDLE_MS) this.rollback();
    if (!this.isOpen) throw new StoreAway('the session was ended: idle in a transaction');
    this.lastAskedAt = now;
  }

  private release(): void {
    for (const [table, key] of this.held.splice(0)) table.locks.delete(key);
    for (const resolve of this.waiters.splice(0)) resolve();
  }
}
