import type { Outgoing } from '@relay/kafka';

/** The message that a row's present state is published as. */
export interface StateMessage {
  readonly message: Outgoing;
  readonly rowKey: string;
  /** Grows with every change of the row. */
  readonly version: number;
  /** Owner's shard, where rows have one: `release(shard)` forgets them. */
  readonly shard?: number;
}

/** What the read-back found in the log: the last message of a row in a batch. */
export interface Seen {
  readonly rowKey: string;
  /** null: a message that carries no version. */
  readonly version: number | null;
  /** The message has no value. */
  readonly tombstone?: boolean;
  readonly topic: string;
  readonly partition: number;
  readonly offset: bigint;
}

export interface Scope {
  readonly shard?: number;
}

/** Rows that are published. The row is the outbox: it is committed before anything is sent. */
export interface StateStore {
  /** The rows as they are now. Rows that do not exist any more are left out. */
  present(rowKeys: readonly string[]): Promise<StateMessage[]>;
  /** Those of the rows whose present version is not the last one that was seen in the log. */
  unseen(rowKeys: readonly string[]): Promise<string[]>;
  /** A page of all such rows, by row key, after `after`. */
  unconfirmed(scope: Scope, limit: number, after?: string): Promise<StateMessage[]>;
  /**
   * Notes where rows were seen, guarded by the offset: an older place never replaces a newer one. May return the rows
   * whose present version is another than the one seen: they are looked at again shortly and sent again if need be.
   */
  noteSeen(seen: readonly Seen[]): Promise<readonly string[] | void>;
}
