import { factsOp } from '../lanes/lane-ops.js';
import type { LaneProcess } from '../lanes/lane-ports.js';
import type { SnapshotMark } from '../core/model.js';
import type { EngineStore } from '../ports/engine-store.js';
import type { OwnedShard } from '../shards/owned-shard.js';

export interface SnapshotMarksOptions {
  readonly process: LaneProcess;
  readonly store: Pick<EngineStore, 'logOffsets'>;
  /** Versions of a resource that are committed and not acknowledged. */
  unpublished(tenantId: string, resource: string): number;
  /** The tenant's status may have changed. */
  touched(shard: OwnedShard, tenantId: string, resource: string): void;
}

interface Try {
  readonly shard: OwnedShard;
  readonly tenantId: string;
  readonly resource: string;
  readonly at: number;
  readonly pauseMs: number;
}

/** The question reads every row of the resource: it is asked ever more rarely. */
const LEAST_PAUSE_MS = 1_000;
const MOST_PAUSE_MS = 60_000;
/** Looked at at once: many that have become live together are soon done, and do not take the database from the others. */
const AT_ONCE = 4;

/**
 * Marks where the record topic held a resource's first reading for the first time: once it was completed and all that it
 * published was met in the log, the offset behind the last of its records in each partition.
 */
export class SnapshotMarks {
  private tries = new Map<string, Try>();
  private running = false;

  constructor(private readonly options: SnapshotMarksOptions) {}

  /** Something about the resource has changed. */
  consider(shard: OwnedShard, tenantId: string, resource: string): void {
    if (!this.isDue(shard, tenantId, resource)) return;
    const key = `${tenantId}\0${resource}`;
    if (this.tries.get(key)?.shard === shard) return;
    const at = this.options.process.now();
    this.tries.set(key, { shard, tenantId, resource, at, pauseMs: LEAST_PAUSE_MS });
  }

  /** Looks at those that it is time for. */
  async run(): Promise<void> {
    if (this.running) return;
    this.running = true;
    try {
      const now = this.options.process.now();
      const due = [...this.tries].filter(([, wanted]) => wanted.at <= now);
      for (let from = 0; from < due.length; from += AT_ONCE) {
        await Promise.all(due.slice(from, from + AT_ONCE).map(([key, wanted]) => this.look(key, wanted, now)));
      }
    } finally {
      this.running = false;
    }
  }

  private async look(key: string, wanted: Try, now: number): Promise<void> {
    const { shard, tenantId, resource, pauseMs } = wanted;
    if (!this.isDue(shard, tenantId, resource)) {
      this.tries.delete(key);
      return;
    }
    try {
      if (this.options.unpublished(tenantId, resource) === 0 && (await this.mark(wanted))) {
        this.tries.delete(key);
        return;
      }
    } catch (error) {
      if (shard.signal.aborted) return;
      this.options.process.log.debug(
        { tenantId, resource, err: error },
        'the end of a first reading cannot be told now',
      );
    }
    this.tries.set(key, { ...wanted, at: now + pauseMs, pauseMs: Math.min(MOST_PAUSE_MS, pauseMs * 2) });
  }

  private async mark({ shard, tenantId, resource }: Try): Promise<boolean> {
    const offsets = await this.options.store.logOffsets(tenantId, resource);
    if (offsets === null) return false;
    const snapshot: SnapshotMark = {
      completedAt: this.options.process.now(),
      offsets: Object.fromEntries([...offsets].map(([partition, next]) => [String(partition), String(next)])),
    };
    await shard.submit(
      factsOp(tenantId, resource, (facts) =>
        facts.liveAt === null || facts.snapshot !== null ? facts : { ...facts, snapshot },
      ),
    );
    this.options.touched(shard, tenantId, resource);
    return true;
  }

  private isDue(shard: OwnedShard, tenantId: string, resource: string): boolean {
    if (shard.signal.aborted || !shard.lanes.has(tenantId)) return false;
    const { facts } = shard.memory.resource(tenantId, resource);
    return facts.liveAt !== null && facts.snapshot === null;
  }
}
