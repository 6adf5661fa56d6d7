import type { Seen, Scope, StateMessage, StateStore } from '../state-store.js';

interface Row {
  version: number;
  seen: Seen | null;
}

/** A StateStore in memory, shared by all processes of a test, with the rules of the real one. */
export class MemoryStore implements StateStore {
  readonly rows = new Map<string, Row>();
  /** While true every call rejects, as with a database that is away. */
  isAway = false;

  constructor(private readonly partitions = 2) {}

  commit(rowKey: string): StateMessage {
    const version = (this.rows.get(rowKey)?.version ?? 0) + 1;
    this.rows.set(rowKey, { version, seen: this.rows.get(rowKey)?.seen ?? null });
    return this.#message(rowKey, version);
  }

  remove(rowKey: string): void {
    this.rows.delete(rowKey);
  }

  async present(rowKeys: readonly string[]): Promise<StateMessage[]> {
    this.#check();
    return rowKeys.flatMap((key) => {
      const row = this.rows.get(key);
      return row === undefined ? [] : [this.#message(key, row.version)];
    });
  }

  async unseen(rowKeys: readonly string[]): Promise<string[]> {
    this.#check();
    return rowKeys.filter((key) => this.#isUnseen(key));
  }

  async unconfirmed({ shard }: Scope, limit: number, after = ''): Promise<StateMessage[]> {
    this.#check();
    const keys = [...this.rows.keys()].sort((a, b) => (a < b ? -1 : 1));
    return keys
      .filter((key) => key > after && this.#isUnseen(key) && (shard === undefined || this.partitionOf(key) === shard))
      .slice(0, limit)
      .map((key) => this.#message(key, this.rows.get(key)?.version ?? 0));
  }

  async noteSeen(seen: readonly Seen[]): Promise<string[]> {
    this.#check();
    const odd: string[] = [];
    for (const one of seen) {
      const row = this.rows.get(one.rowKey);
      if (row === undefined || (row.seen !== null && row.seen.offset >= one.offset)) continue;
      row.seen = one;
      if (one.version !== row.version) odd.push(one.rowKey);
    }
    return odd;
  }

  partitionOf(rowKey: string): number {
    return (rowKey.codePointAt(0) ?? 0) % this.partitions;
  }

  #isUnseen(rowKey: string): boolean {
    const row = this.rows.get(rowKey);
    return row !== undefined && row.seen?.version !== row.version;
  }

  #check(): void {
    if (this.isAway) throw new Error('the database is away');
  }

  #message(rowKey: string, version: number): StateMessage {
    const partition = this.partitionOf(rowKey);
    return {
      rowKey,
      version,
      shard: partition,
      message: { topic: 't', partition, key: rowKey, value: String(version) },
    };
  }
}
