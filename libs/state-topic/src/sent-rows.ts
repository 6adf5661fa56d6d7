import type { Position } from '@relay/kafka';

/** What is remembered of a row from its sending until it was seen in the log. */
export interface SentRow {
  readonly rowKey: string;
  /** Newest version that was asked for: an older state is never sent after it. */
  newest: number;
  shard: number | null;
  /** Where the newest acknowledged version lies; null while none is. */
  acknowledged: { version: number; position: Position; at: number } | null;
  /** Callers of publish who wait for this row. */
  waiters: { version: number; resolve: () => void }[];
}

/** The rows of this process that are on their way. */
export class SentRows {
  readonly #rows = new Map<string, SentRow>();

  get size(): number {
    return this.#rows.size;
  }

  get(rowKey: string): SentRow | undefined {
    return this.#rows.get(rowKey);
  }

  /** Notes that a version is about to be sent. False when a newer one is on its way already. */
  expect(rowKey: string, version: number, shard: number | null): boolean {
    const row = this.#rows.get(rowKey);
    if (row === undefined) {
      this.#rows.set(rowKey, { rowKey, newest: version, shard, acknowledged: null, waiters: [] });
      return true;
    }
    if (version < row.newest) return false;
    row.newest = version;
    row.shard = shard;
    return true;
  }

  acknowledge(rowKey: string, version: number, position: Position, at: number): void {
    const row = this.#rows.get(rowKey);
    if (row === undefined) return;
    if (row.acknowledged === null || version >= row.acknowledged.version) row.acknowledged = { version, position, at };
    const [served, left] = [[], []] as [SentRow['waiters'], SentRow['waiters']];
    for (const waiter of row.waiters) (waiter.version <= version ? served : left).push(waiter);
    row.waiters = left;
    for (const waiter of served) waiter.resolve();
  }

  /** The log's last message of the row is `version`: done, unless a newer one is on its way. */
  confirm(rowKey: string, version: number): void {
    const row = this.#rows.get(rowKey);
    if (row !== undefined && version >= row.newest) this.drop(rowKey);
  }

  drop(rowKey: string): void {
    const row = this.#rows.get(rowKey);
    if (row === undefined) return;
    this.#rows.delete(rowKey);
    for (const waiter of row.waiters) waiter.resolve();
  }

  dropShard(shard: number): void {
    for (const row of this.#rows.values()) if (row.shard === shard) this.drop(row.rowKey);
  }

  dropAll(): void {
    for (const rowKey of this.#rows.keys()) this.drop(rowKey);
  }

  /** Resolves when the version, or a newer one, is acknowledged, or the row was dropped. */
  acknowledged(rowKey: string, version: number): Promise<void> {
    const row = this.#rows.get(rowKey);
    if (row === undefined || (row.acknowledged !== null && row.acknowledged.version >= version))
      return Promise.resolve();
    return new Promise((resolve) => row.waiters.push({ version, resolve }));
  }

  /** Rows whose newest version was acknowledged before `at`. */
  acknowledgedBefore(at: number): SentRow[] {
    return [...this.#rows.values()].filter(
      (row) => row.acknowledged !== null && row.acknowledged.version >= row.newest && row.acknowledged.at <= at,
    );
  }
}
