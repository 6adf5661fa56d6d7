import { RetryLater, type ReceivedBatch } from '@relay/kafka';
import type { SyncEngine } from '@relay/sync-engine';
import type { MemoryLog } from './memory-log.js';
import type { VirtualProcess } from './virtual-clock.js';

/** One process as its consumer groups see it. */
export interface GroupMember {
  readonly engine: SyncEngine;
  readonly process: VirtualProcess;
}

type Handle = (batch: ReceivedBatch<unknown>) => Promise<void>;

/** A partition that a member reads in order. */
interface Following {
  readonly topic: string;
  readonly partition: number;
  /** Of the position. */
  readonly name: string;
  readonly epoch: number | null;
  readonly handle: Handle;
  readonly signal: AbortSignal;
  readonly reached?: (next: bigint) => void;
  /** Where the topic's partitions go on; null, and not given: at the position. */
  readonly goesOnAt?: (topic: string) => Promise<ReadonlyMap<number, bigint> | null>;
}

const RETRY_MS = 200;
/** A member that was left out while it was stopped acts for a while before it hears of that. */
const HEARTBEAT_MS = 3_000;
const TABLES = ['tenant.v1', 'withdrawal.v1'] as const;

/** A member's hold of a shard, as the group knows it. */
interface Hold {
  readonly member: GroupMember;
  readonly abort: AbortController;
  epoch: number | null;
}

/** A partition that somebody reads: wakes when something lands in it. */
interface Reader {
  readonly topic: string;
  readonly partition: number;
  wake(): void;
}

/**
 * The consumer groups of a sync in memory: who holds which shard, and who reads which topic back. Positions are those of
 * the group and survive its members; batches come in order, one at a time, again until they are taken.
 */
export class MemoryGroups {
  private readonly positions = new Map<string, bigint>();
  private readonly readers = new Set<Reader>();
  private readonly holds = new Map<number, Hold>();
  private tables = 0;

  constructor(
    private readonly log: MemoryLog,
    /** Told of what a handler throws that no second try helps. */
    private readonly defect: (member: GroupMember, error: unknown) => void,
  ) {
    log.onAppended = (topic, partition) => {
      for (const reader of this.readers) if (reader.topic === topic && reader.partition === partition) reader.wake();
    };
  }

  /** Where the read-back group goes on, by partition. */
  readBackPositions(topic: string): Map<number, bigint> {
    const found = new Map<number, bigint>();
    for (let partition = 0; partition < this.log.partitions; partition += 1) {
      found.set(partition, this.positions.get(nameOf('readback', topic, partition)) ?? 0n);
    }
    return found;
  }

  /** Where the group of a service goes on with a shard's notices. */
  noticePosition(service: string, shard: number): bigint {
    return this.positions.get(nameOf(service, 'notice.v1', shard)) ?? 0n;
  }

  /**
   * Gives a shard to a member: it takes it, reads its tables, and goes on with its notices. Whoever had it is left out, and
   * hears of that some time later.
   */
  assign(member: GroupMember, shard: number): void {
    const before = this.holds.get(shard);
    if (before !== undefined) this.leaveOut(shard, before);
    const hold: Hold = { member, abort: new AbortController(), epoch: null };
    this.holds.set(shard, hold);
    this.hold(hold, shard).catch((error: unknown) => this.defect(member, error));
  }

  /** Takes a shard from a member in order: it is told first. */
  revoke(member: GroupMember, shard: number): void {
    const hold = this.holds.get(shard);
    if (hold?.member !== member) return;
    this.holds.delete(shard);
    hold.abort.abort();
    member.engine.book.lost(shard);
  }

  /** The member has found that somebody else has taken its shard, while the group still counts on it: it takes it again. */
  private watch(hold: Hold, shard: number): void {
    const { member, epoch, abort } = hold;
    member.process.after(HEARTBEAT_MS, () => {
      if (abort.signal.aborted || this.holds.get(shard) !== hold) return;
      if (member.engine.book.holds(shard, epoch ?? 0)) this.watch(hold, shard);
      else this.assign(member, shard);
    });
  }

  private leaveOut(shard: number, hold: Hold): void {
    hold.abort.abort();
    const { engine, process } = hold.member;
    process.after(HEARTBEAT_MS, () => {
      process.after(HEARTBEAT_MS, () => {
        if (engine.book.epochOf(shard) === hold.epoch) engine.book.lost(shard);
      });
    });
  }

  /** Has a member read back what the service publishes, all of it. Returns how to end that. */
  readBack(member: GroupMember): () => void {
    const { engine } = member;
    const abort = new AbortController();
    const goesOnAt = (topic: string) => engine.topics.goesOnAt(topic);
    for (const [topic, handle] of engine.topics.readBack) {
      for (let partition = 0; partition < this.log.partitions; partition += 1) {
        const name = nameOf('readback', topic, partition);
        this.start(member, { topic, partition, name, epoch: null, handle, signal: abort.signal, goesOnAt });
      }
    }
    return () => abort.abort();
  }

  private start(member: GroupMember, about: Following): void {
    this.follow(member, about).catch((error: unknown) => this.failed(member, about, error));
  }

  /** After a handler has failed the first question is whether the shard is still the member's. */
  private async failed(member: GroupMember, { partition, epoch }: Following, error: unknown): Promise<void> {
    const hold = this.holds.get(partition);
    const isOurs = epoch !== null && hold?.member === member && hold.epoch === epoch;
    const isFenced = isOurs && !(await member.engine.book.isCurrent(partition, epoch).catch(() => true));
    if (isFenced) this.assign(member, partition);
    else this.defect(member, error);
  }

  private async hold(hold: Hold, shard: number): Promise<void> {
    const { member, abort } = hold;
    const { signal } = abort;
    const { engine, process } = member;
    const handles: Record<(typeof TABLES)[number], Handle> = {
      'tenant.v1': (batch) => engine.onTenants(batch),
      'withdrawal.v1': (batch) => engine.onWithdrawals(batch),
    };
    const epoch = await untilDone(process, signal, () => engine.book.take(shard));
    if (epoch === null) return;
    hold.epoch = epoch;
    // Given to somebody else while it was being taken.
    if (signal.aborted) return engine.book.lost(shard);
    const loading = TABLES.map((topic) => {
      const { promise, resolve } = Promise.withResolvers<void>();
      const end = this.log.end(topic, shard);
      const reached = (next: bigint): void => void (next >= end && resolve());
      // A table is read from its beginning by every owner. Epochs come again when the database is restored.
      this.tables += 1;
      const name = `table ${this.tables}`;
      this.start(member, { topic, partition: shard, name, epoch, handle: handles[topic], signal, reached });
      reached(0n);
      return promise;
    });
    await Promise.all(loading);
    const name = nameOf(engine.service, 'notice.v1', shard);
    const place = await untilDone(process, signal, () => engine.book.goesOnAt(shard, 'notice.v1'));
    if (signal.aborted) return;
    if (place !== null) this.positions.set(name, place);
    await untilDone(process, signal, () => engine.book.loaded(shard, epoch));
    this.watch(hold, shard);
    const handle: Handle = (batch) => engine.onNotices(batch);
    if (engine.consumesNotices)
      this.start(member, { topic: 'notice.v1', partition: shard, name, epoch, handle, signal });
    const topic = 'sync-request.v1';
    const requests: Handle = (batch) => engine.onRequests(batch);
    this.start(member, {
      topic,
      partition: shard,
      name: nameOf(engine.service, topic, shard),
      epoch,
      handle: requests,
      signal,
    });
  }

  private async follow({ process }: GroupMember, about: Following): Promise<void> {
    const { topic, partition, name, epoch, handle, signal, reached } = about;
    const { woken, reader } = this.reader(topic, partition, process);
    signal.addEventListener('abort', () => this.readers.delete(reader), { once: true });
    const places = await untilDone(process, signal, async () => (await about.goesOnAt?.(topic)) ?? null);
    if (places !== null && !signal.aborted) this.positions.set(name, places.get(partition) ?? 0n);
    while (!signal.aborted) {
      const from = this.positions.get(name) ?? 0n;
      const { messages, next } = this.log.read(topic, partition, from);
      if (next === from) {
        await woken();
        continue;
      }
      const batch = { topic, partition, messages, epoch, signal };
      const taken =
        messages.length === 0 || (await untilDone(process, signal, async () => (await handle(batch), true)));
      // A commit of somebody who was revoked meanwhile is refused.
      if (signal.aborted || taken === null) return;
      this.positions.set(name, next);
      reached?.(next);
    }
  }

  private reader(topic: string, partition: number, process: VirtualProcess) {
    let wake: (() => void) | null = null;
    let isDue = false;
    const reader: Reader = {
      topic,
      partition,
      wake: () => {
        isDue = true;
        wake?.();
      },
    };
    this.readers.add(reader);
    const woken = async (): Promise<void> => {
      if (!isDue) await new Promise<void>((resolve) => (wake = resolve));
      wake = null;
      isDue = false;
      await process.pause(1);
    };
    return { reader, woken };
  }
}

const nameOf = (group: string, topic: string, partition: number): string => `${group} ${topic}/${partition}`;

/** Tries until it succeeds; null when it was called off. */
async function untilDone<T>(process: VirtualProcess, signal: AbortSignal, work: () => Promise<T>): Promise<T | null> {
  while (!signal.aborted) {
    try {
      return await work();
    } catch (error) {
      if (signal.aborted) return null;
      const isOver = !(error instanceof RetryLater) && (error as { retryable?: unknown }).retryable !== true;
      if (isOver) throw error;
      await process.pause(RETRY_MS);
    }
  }
  return null;
}
