import { pause, type Clock } from '@relay/service-kit';
import type { Effects, MirrorView, RecordWrite } from '../core/effects.js';
import type { LaneState } from '../core/lane-state.js';
import { refText, type MirrorRow, type PendingEntry, type RecordRef } from '../core/model.js';
import type { UnitOfWork } from '../ports/engine-store.js';
import type { CursorWrite, ResourceWrite } from '../ports/stored-rows.js';
import { BatchView } from './batch-view.js';
import type { ShardMemory } from './shard-memory.js';

/** A result that waits to be judged and committed. */
export interface CommitOp {
  readonly tenantId: string;
  readonly resource: string;
  /** Records whose mirror rows are needed to judge it. */
  readonly refs: readonly RecordRef[];
  /** Whether judging it against this row also needs the record's text. */
  wantsBody(row: MirrorRow): boolean;
  /** Pure: it may run again against a newer mirror when a transaction fails. */
  decide(view: MirrorView): Effects;
}

/** What became of it. */
export interface Committed {
  readonly effects: Effects;
  /** Pending rows that are gone. */
  readonly removed: readonly PendingEntry[];
  /** Pending rows that are there, in their present state. */
  readonly present: readonly PendingEntry[];
}

export interface CommitterPorts {
  readonly memory: ShardMemory;
  /** Runs work in one transaction that holds the fence; rejects when the shard belongs to somebody else by now. */
  fenced<T>(work: (unit: UnitOfWork) => Promise<T>): Promise<T>;
  isTransient(error: unknown): boolean;
  /** Somebody else owns the shard. */
  isFenced(error: unknown): boolean;
  noticesKnown(tenantId: string, resource: string): boolean;
  consumedAsOf(): number | null;
  /** New versions, after their commit. */
  publish(rows: readonly RecordWrite[]): void;
  /** Ends the shard here: it cannot commit any more. */
  fail(error: unknown): void;
  /** Lanes' states are committed. */
  lanesKept(states: Iterable<LaneState>): void;
  /** A lane's state cannot be written: a defect, told of. */
  broken(error: unknown): void;
  /** A transaction may or may not have been committed: memory is read again. */
  reload(): Promise<void>;
  /** Versions that such a transaction may have made are looked for and sent. */
  lookForUnpublished(): void;
  readonly signal: AbortSignal;
  readonly time: Clock;
  beforeCommit(): Promise<void>;
  afterCommit(): Promise<void>;
  observe(ops: number, seconds: number): void;
}

interface Waiting {
  readonly op: CommitOp;
  readonly resolve: (committed: Committed) => void;
  readonly reject: (error: unknown) => void;
}

/** Limits of one transaction: long enough to be worth it, short enough that live results do not wait for it. */
const MOST_OPS = 250;
const MOST_REFS = 2_000;

/** The one who writes for a shard. Results that wait while a transaction runs go into the next one together. */
export class Committer {
  private waiting: Waiting[] = [];
  private readonly lanes = new Map<string, LaneState>();
  private running = false;

  constructor(private readonly ports: CommitterPorts) {}

  submit(op: CommitOp): Promise<Committed> {
    const { promise, resolve, reject } = Promise.withResolvers<Committed>();
    this.waiting.push({ op, resolve, reject });
    this.start();
    return promise;
  }

  /** Keeps a lane's state; the newest wins. */
  saveLane(tenantId: string, state: LaneState): void {
    this.lanes.set(tenantId, state);
    this.start();
  }

  private start(): void {
    if (this.running) return;
    this.running = true;
    // Results that come in the same turn of the event loop share a transaction.
    this.ports.time.soon(() => void this.run());
  }

  private async run(): Promise<void> {
    while ((this.waiting.length > 0 || this.lanes.size > 0) && !this.ports.signal.aborted) {
      const batch = this.nextBatch();
      const lanes = new Map(this.lanes);
      this.lanes.clear();
      await this.commitOrSplit(batch, lanes);
    }
    this.running = false;
    if (this.ports.signal.aborted) this.refuseAll();
  }

  /** One result that cannot be written must not hold up the others: it is found by halving, and refused alone. */
  private async commitOrSplit(batch: readonly Waiting[], lanes: ReadonlyMap<string, LaneState>): Promise<void> {
    try {
      await this.commit(batch, lanes);
    } catch (error) {
      if (this.ports.signal.aborted || this.ports.isFenced(error)) {
        for (const { reject } of batch) reject(error);
        if (!this.ports.signal.aborted) this.ports.fail(error);
        return;
      }
      if (batch.length <= 1) {
        for (const { reject } of batch) reject(error);
        if (batch.length === 0 || lanes.size > 0) this.ports.broken(error);
        return;
      }
      const half = batch.length >> 1;
      await this.commitOrSplit(batch.slice(0, half), lanes);
      if (this.ports.signal.aborted) for (const { reject } of batch.slice(half)) reject(error);
      else await this.commitOrSplit(batch.slice(half), new Map());
    }
  }

  private refuseAll(): void {
    const left = this.waiting;
    this.waiting = [];
    for (const { reject } of left) reject(this.ports.signal.reason ?? new Error('the shard was lost'));
  }

  /** Results about one record never share a transaction: each is judged against the other's committed row. */
  private nextBatch(): Waiting[] {
    const batch: Waiting[] = [];
    const later: Waiting[] = [];
    const taken = new Set<string>();
    let refs = 0;
    for (const waiting of this.waiting) {
      const keys = waiting.op.refs.map(refText);
      const full = batch.length >= MOST_OPS || (batch.length > 0 && refs + keys.length > MOST_REFS);
      if (full || keys.some((key) => taken.has(key))) {
        later.push(waiting);
        continue;
      }
      for (const key of keys) taken.add(key);
      refs += keys.length;
      batch.push(waiting);
    }
    this.waiting = later;
    return batch;
  }

  private async commit(batch: readonly Waiting[], lanes: ReadonlyMap<string, LaneState>): Promise<void> {
    let doubtful = false;
    for (let attempt = 1; ; attempt += 1) {
      const began = performance.now();
      try {
        // A commit whose answer was lost may have been one: its results are judged against what it left.
        if (doubtful) await this.ports.reload();
        const done = await this.ports.fenced((unit) => this.write(unit, batch, lanes));
        this.ports.observe(batch.length, (performance.now() - began) / 1000);
        await this.ports.afterCommit();
        this.ports.lanesKept(lanes.values());
        this.apply(batch, done);
        if (doubtful) this.ports.lookForUnpublished();
        return;
      } catch (error) {
        if (this.ports.signal.aborted || !this.ports.isTransient(error)) throw error;
        doubtful = true;
        await pause(this.ports.time, Math.min(5_000, 100 * 2 ** Math.min(attempt, 6)), this.ports.signal);
        this.ports.signal.throwIfAborted();
      }
    }
  }

  private async write(
    unit: UnitOfWork,
    batch: readonly Waiting[],
    lanes: ReadonlyMap<string, LaneState>,
  ): Promise<Done> {
    const view = await this.viewOf(unit, batch);
    const effects = batch.map(({ op }) => {
      const made = op.decide(view);
      view.accept(op.tenantId, op.resource, made);
      return made;
    });
    await this.ports.beforeCommit();
    await unit.writeRecords(effects.flatMap((e) => e.writes));
    const served = await unit.removeServed(effects.flatMap((e) => e.served));
    const delayed = await unit.delay(effects.flatMap((e) => e.delayed));
    const raised = await unit.raise(effects.flatMap((e) => e.raised));
    const wanted = await unit.ask(effects.flatMap((e) => e.wanted));
    const cursors: CursorWrite[] = [];
    batch.forEach(({ op }, at) => {
      const cursor = effects[at]?.cursor;
      if (cursor !== undefined) cursors.push({ tenantId: op.tenantId, resource: op.resource, cursor });
    });
    await unit.writeCursors(lastOfEach(cursors));
    const resources = view.resourceWrites();
    await unit.addToResources(resources);
    await unit.writeLanes([...lanes].map(([tenantId, state]) => ({ tenantId, state })));
    return { effects, resources, removed: served.removed, present: [...served.kept, ...delayed, ...raised, ...wanted] };
  }

  private async viewOf(unit: UnitOfWork, batch: readonly Waiting[]): Promise<BatchView> {
    const rows = new Map<string, MirrorRow>();
    for (const row of await unit.mirrorRows(batch.flatMap(({ op }) => op.refs))) rows.set(refText(row), row);
    const wanted = batch.flatMap(({ op }) =>
      op.refs.filter((ref) => {
        const row = rows.get(refText(ref));
        return row !== undefined && !row.deleted && op.wantsBody(row);
      }),
    );
    const bodies = new Map<string, string>();
    for (const body of await unit.bodies(wanted)) bodies.set(refText(body), body.body);
    return new BatchView(rows, bodies, this.ports);
  }

  private apply(batch: readonly Waiting[], done: Done): void {
    for (const write of done.resources) this.ports.memory.apply(write);
    const published = done.effects.flatMap((e) => e.writes.filter((write) => write.publish));
    if (published.length > 0) this.ports.publish(published);
    const byTenant = (entries: readonly PendingEntry[], tenantId: string): PendingEntry[] =>
      entries.filter((entry) => entry.tenantId === tenantId);
    batch.forEach(({ op, resolve }, at) => {
      resolve({
        effects: done.effects[at] as Effects,
        removed: byTenant(done.removed, op.tenantId),
        present: byTenant(done.present, op.tenantId),
      });
    });
  }
}

interface Done {
  readonly effects: readonly Effects[];
  readonly resources: readonly ResourceWrite[];
  readonly removed: readonly PendingEntry[];
  readonly present: readonly PendingEntry[];
}

function lastOfEach(cursors: readonly CursorWrite[]): CursorWrite[] {
  const last = new Map(cursors.map((c) => [`${c.tenantId}\0${c.resource}\0${c.cursor.pass}`, c]));
  return [...last.values()];
}
