/** Shard epochs in memory: what the database holds for all members of a group. */
export class EpochBook {
  readonly #epochs = new Map<number, number>();
  /** Calls of `take` that still fail, as with a database that is away. */
  failures = 0;

  take(shard: number, _owner: string): number {
    if (this.failures-- > 0) throw new Error('the database is away');
    const epoch = this.epoch(shard) + 1;
    this.#epochs.set(shard, epoch);
    return epoch;
  }

  epoch(shard: number): number {
    return this.#epochs.get(shard) ?? 0;
  }
}
