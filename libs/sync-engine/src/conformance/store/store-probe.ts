import { isDeepStrictEqual, inspect } from 'node:util';
import type { RecordWrite } from '../../core/effects.js';
import type { Counters, MirrorRow, PendingEntry, RecordRef } from '../../core/model.js';
import type { EngineStore, UnitOfWork } from '../../ports/engine-store.js';
import type { NoticedRecord, ResourceWrite } from '../../ports/stored-rows.js';

export interface StoreCheck {
  readonly name: string;
  run(probe: StoreProbe): Promise<void>;
}

export const NOW = 1_795_000_000_000;

/** A shard and a tenant of one check's own, and the values that it needs. */
export class StoreProbe {
  readonly tenantId: string;

  private constructor(
    readonly store: EngineStore,
    readonly shard: number,
    public epoch: number,
  ) {
    this.tenantId = `provet:vet.example.com:${1000 + shard}`;
  }

  static async open(store: EngineStore, shard: number): Promise<StoreProbe> {
    return new StoreProbe(store, shard, await store.take(shard, 'probe'));
  }

  unit<T>(work: (unit: UnitOfWork) => Promise<T>, epoch = this.epoch): Promise<T> {
    return this.store.fenced(this.shard, epoch, work);
  }

  ref(recordId: number | string, resource = 'client'): RecordRef {
    return { tenantId: this.tenantId, resource, recordId: String(recordId) };
  }

  notice(recordId: number, over: Partial<NoticedRecord> = {}): NoticedRecord {
    const times = { firstNoticeAt: NOW, lastNoticeAt: NOW, notices: 1 };
    return { ...this.ref(recordId), trigger: 1, deleteTrigger: false, ...times, ...over };
  }

  announce(recordId: number, over: Partial<NoticedRecord> = {}): Promise<PendingEntry> {
    return this.unit(async (unit) => only(await unit.announce([this.notice(recordId, over)], NOW)));
  }

  waiting(): Promise<PendingEntry[]> {
    return this.store.pending(this.shard, [this.tenantId]);
  }

  resource(over: Partial<ResourceWrite> = {}, counters: Partial<Counters> = {}): ResourceWrite {
    const none: Counters = { notices: 0, duplicates: 0, late: 0, missed: 0, healed: 0, deleted: 0 };
    const empty = { facts: null, noticesDelivered: false, records: 0, triggers: {} };
    return { tenantId: this.tenantId, resource: 'client', ...empty, ...over, counters: { ...none, ...counters } };
  }

  row(recordId: number | string, over: Partial<MirrorRow> = {}): MirrorRow {
    const at = new Date(NOW).toISOString();
    return {
      ...this.ref(recordId),
      version: NOW,
      deleted: false,
      hash: 'h',
      listHash: null,
      modifiedAt: NOW,
      readSeq: 7n,
      readAt: NOW,
      lastNoticeAt: null,
      missed: false,
      change: 'created',
      changedFields: [],
      previous: null,
      previousVersion: null,
      source: 'https://vet.example.com/1/api/0.1/',
      omitted: null,
      whole: null,
      lineage: { cause: 'notice', trigger: 1, noticedAt: at, fetchedAt: at, committedAt: at, runId: 'run' },
      ...over,
    };
  }

  write(row: MirrorRow, text: string | null = '{"id":1}'): RecordWrite {
    return { row, body: text === null ? { kind: 'drop' } : { kind: 'set', text }, publish: true };
  }

  /** Commits rows with their bodies. */
  async put(...rows: readonly MirrorRow[]): Promise<void> {
    await this.unit((unit) => unit.writeRecords(rows.map((row) => this.write(row, row.deleted ? null : '{"id":1}'))));
  }

  async seen(row: RecordRef, version: number | null, offset: number, tombstone = false): Promise<void> {
    const { tenantId, resource, recordId } = row;
    const place = { partition: 3, offset: BigInt(offset), version, tombstone };
    await this.store.noteSeenRecords([{ tenantId, resource, recordId, ...place }], () => this.shard);
  }

  async unseen(row: RecordRef): Promise<boolean> {
    return (await this.store.unseenRecords([row])).length > 0;
  }
}

/** A store does something else than the port says. */
export class StoreDiffers extends Error {
  readonly code = 'store-differs';
  readonly retryable = false;

  constructor(what: string) {
    super(what);
    this.name = 'StoreDiffers';
  }
}

export function equal(what: string, actual: unknown, expected: unknown): void {
  if (isDeepStrictEqual(actual, expected)) return;
  throw new StoreDiffers(`${what}: ${inspect(actual, { depth: 6 })} instead of ${inspect(expected, { depth: 6 })}`);
}

export function only<T>(values: readonly T[]): T {
  equal('how many there are', values.length, 1);
  return values[0] as T;
}

/** The error of something that must fail. */
export async function failureOf(what: string, promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new StoreDiffers(`${what} went well`);
}

/** True when a promise is still waiting although everything that can go on has gone on. */
export async function isWaiting(promise: Promise<unknown>): Promise<boolean> {
  const ended = promise.then(
    () => false,
    () => false,
  );
  const waited = new Promise<boolean>((resolve) => setTimeout(resolve, 50, true));
  return Promise.race([ended, waited]);
}
