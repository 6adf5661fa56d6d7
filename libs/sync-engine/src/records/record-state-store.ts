import { recordTopic, type Vendor } from '@relay/contracts';
import type { Scope, Seen, StateMessage, StateStore } from '@relay/state-topic';
import { isLifted, messageOf } from '../core/record-version.js';
import { parseRefText, refText } from '../core/model.js';
import type { OutboxRows } from '../ports/engine-store.js';
import type { RowWithBody } from '../ports/stored-rows.js';

export interface RecordStoreOptions {
  readonly rows: OutboxRows;
  readonly vendor: Vendor;
  shardOf(tenantId: string): number;
  /** The epoch at which this process holds the tenant's shard; 0 when it does not. */
  epochOf(tenantId: string): number;
  readonly traceparent: () => string;
}

/** Record rows as state topics see them: the row is the outbox, the log columns say what was seen. */
export class RecordStateStore implements StateStore {
  constructor(private readonly options: RecordStoreOptions) {}

  async present(rowKeys: readonly string[]): Promise<StateMessage[]> {
    const rows = await this.options.rows.rowsWithBodies(rowKeys.map(parseRefText));
    // What is to be read again is sent when it has been.
    return rows.filter(({ row }) => !isLifted(row)).map((row) => this.repeat(row));
  }

  async unseen(rowKeys: readonly string[]): Promise<string[]> {
    return (await this.options.rows.unseenRecords(rowKeys.map(parseRefText))).map(refText);
  }

  async unconfirmed({ shard }: Scope, limit: number, after?: string): Promise<StateMessage[]> {
    if (shard === undefined) throw new Error('records are looked through by shard');
    const from = after === undefined ? null : parseRefText(after);
    const rows = await this.options.rows.unconfirmedRecords(shard, limit, from);
    return rows.map((row) => this.repeat(row));
  }

  /**
   * Only notes: the process that reads a partition back is in general not the owner of the tenants in it. What is wrong is
   * left in `republish` for the owner.
   */
  async noteSeen(seen: readonly Seen[]): Promise<void> {
    // In key order: two processes that note the same rows for a moment (a rebalance) lock them alike.
    const sorted = [...seen].sort((a, b) => (a.rowKey < b.rowKey ? -1 : 1));
    await this.options.rows.noteSeenRecords(
      sorted.map(({ rowKey, version, tombstone, partition, offset }) => ({
        ...parseRefText(rowKey),
        version,
        tombstone: tombstone ?? false,
        partition,
        offset,
      })),
      (tenantId) => this.options.shardOf(tenantId),
    );
  }

  /** The message of a row's newest version, once more. */
  private repeat({ row, body }: RowWithBody): StateMessage {
    return stateMessageOf(
      { row, body },
      { ...this.options, cause: 'replay', epoch: this.options.epochOf(row.tenantId) },
    );
  }
}

export interface StateMessageOptions {
  readonly vendor: Vendor;
  readonly cause: Parameters<typeof messageOf>[2]['cause'];
  readonly epoch: number;
  shardOf(tenantId: string): number;
  /** Makes the trace context of a sending. */
  readonly traceparent: () => string;
}

export function stateMessageOf({ row, body }: RowWithBody, options: StateMessageOptions): StateMessage {
  const { vendor, cause, epoch } = options;
  const { key, value, headers } = messageOf(row, body, { vendor, cause, epoch, traceparent: options.traceparent() });
  return {
    rowKey: refText(row),
    version: row.version,
    shard: options.shardOf(row.tenantId),
    message: { topic: recordTopic(vendor, row.resource), key, value, headers },
  };
}
