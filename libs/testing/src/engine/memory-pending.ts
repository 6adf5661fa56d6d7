import type { Delayed, NoticedRecord, PendingChange, PendingEntry, Raised, Served } from '@relay/sync-engine';
import { refKey, type MemoryRows } from './memory-rows.js';
import type { MemoryTransaction } from './memory-tables.js';

type StoredEntry = PendingEntry & { readonly shard: number };

/** The pending set of one unit of work. */
export class MemoryPending {
  constructor(
    private readonly tx: MemoryTransaction,
    private readonly rows: MemoryRows,
    private readonly shard: number,
    private readonly nextGeneration: () => number,
  ) {}

  async announce(noticed: readonly NoticedRecord[], now: number): Promise<PendingEntry[]> {
    const entries: PendingEntry[] = [];
    for (const notice of noticed) {
      const { tenantId, resource, recordId, trigger, deleteTrigger, firstNoticeAt, lastNoticeAt, notices } = notice;
      const fresh = {
        cause: 'notice',
        trigger,
        deleteTrigger,
        attempts: 0,
        parked: false,
        nextAttemptAt: now,
      } as const;
      const generation = this.nextGeneration();
      const entry = await this.tx.write(this.rows.pending, refKey(notice), (before): StoredEntry => {
        if (before === undefined) {
          const key = { tenantId, resource, recordId, shard: this.shard, pass: null, runId: null, detail: {} };
          return { ...key, ...fresh, generation, firstNoticeAt, lastNoticeAt, notices };
        }
        const { listHash, asked } = before.detail;
        return {
          ...before,
          ...fresh,
          generation,
          firstNoticeAt: before.firstNoticeAt ?? firstNoticeAt,
          lastNoticeAt: Math.max(before.lastNoticeAt ?? lastNoticeAt, lastNoticeAt),
          notices: before.notices + notices,
          detail: plain({ listHash, asked }) as PendingEntry['detail'],
        };
      });
      if (entry !== undefined) entries.push(entryOf(entry));
    }
    return entries;
  }

  async raise(raised: readonly Raised[]): Promise<PendingEntry[]> {
    const entries: PendingEntry[] = [];
    for (const one of new Map(raised.map((r) => [refKey(r), r])).values()) {
      const { tenantId, resource, recordId, cause, pass, runId, detail } = one;
      const entry: StoredEntry = {
        tenantId,
        resource,
        recordId,
        shard: this.shard,
        cause,
        pass,
        runId,
        detail: plain(detail),
        generation: this.nextGeneration(),
        nextAttemptAt: Math.ceil(one.nextAttemptAt),
        trigger: null,
        deleteTrigger: false,
        firstNoticeAt: null,
        lastNoticeAt: null,
        notices: 0,
        attempts: 0,
        parked: false,
      };
      const written = await this.tx.write(this.rows.pending, refKey(one), (before) => before ?? entry);
      if (written === entry) entries.push(entryOf(entry));
    }
    return entries;
  }

  async ask(asked: readonly Raised[]): Promise<PendingEntry[]> {
    const entries: PendingEntry[] = [];
    for (const one of new Map(asked.map((r) => [refKey(r), r])).values()) {
      const generation = this.nextGeneration();
      const fresh = { generation, attempts: 0, parked: false, nextAttemptAt: Math.ceil(one.nextAttemptAt) };
      const written = await this.tx.write(this.rows.pending, refKey(one), (before): StoredEntry => {
        const detail = plain({ ...before?.detail, ...one.detail });
        if (before !== undefined) return { ...before, ...fresh, detail };
        const { tenantId, resource, recordId, cause } = one;
        const none = { trigger: null, deleteTrigger: false, firstNoticeAt: null, lastNoticeAt: null, notices: 0 };
        const key = { tenantId, resource, recordId, shard: this.shard };
        return { ...key, cause, pass: null, runId: null, ...none, ...fresh, detail };
      });
      if (written !== undefined) entries.push(entryOf(written));
    }
    return entries;
  }

  async removeServed(served: readonly Served[]): Promise<PendingChange> {
    const removed: PendingEntry[] = [];
    const kept: PendingEntry[] = [];
    for (const { entry } of served) {
      let isGone = true;
      const left = await this.tx.write(this.rows.pending, refKey(entry), (row) => {
        if (row === undefined) return undefined;
        const isSame = row.generation === entry.generation;
        isGone = isSame && row.nextAttemptAt === Math.ceil(entry.nextAttemptAt);
        if (isGone) return undefined;
        return isSame ? row : { ...row, notices: Math.max(1, row.notices - entry.notices) };
      });
      if (isGone) removed.push(entry);
      else if (left !== undefined) kept.push(entryOf(left));
    }
    return { removed, kept };
  }

  async delay(delayed: readonly Delayed[]): Promise<PendingEntry[]> {
    const entries: PendingEntry[] = [];
    for (const { entry, nextAttemptAt, attempts, parked, detail } of delayed) {
      if (this.tx.read(this.rows.pending, refKey(entry))?.generation !== entry.generation) continue;
      let isSame = false;
      const written = await this.tx.write(this.rows.pending, refKey(entry), (row) => {
        isSame = row?.generation === entry.generation;
        if (row === undefined || !isSame) return row;
        return {
          ...row,
          nextAttemptAt: Math.ceil(nextAttemptAt),
          attempts: attempts ?? entry.attempts,
          parked: parked ?? entry.parked,
          detail: plain(detail ?? entry.detail),
        };
      });
      if (isSame && written !== undefined) entries.push(entryOf(written));
    }
    return entries;
  }

  async forgetNoticesBefore(before: number, knownTenants: readonly string[]): Promise<number> {
    const old = this.tx.find(
      this.rows.pending,
      (row) =>
        row.shard === this.shard &&
        row.lastNoticeAt !== null &&
        row.lastNoticeAt < before &&
        !knownTenants.includes(row.tenantId),
    );
    for (const [key] of old) await this.tx.write(this.rows.pending, key, () => undefined);
    return old.length;
  }
}

/** As a row comes out of a table: without its shard. */
export function entryOf({ shard: _shard, ...entry }: StoredEntry): PendingEntry {
  return entry;
}

/** Members that are undefined are not in a table's JSON. */
function plain<T extends object>(detail: T): T {
  return JSON.parse(JSON.stringify(detail)) as T;
}
