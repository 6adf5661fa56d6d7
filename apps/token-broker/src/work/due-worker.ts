import { setTimeout as sleep } from 'node:timers/promises';
import { FencedOut, isTransient, type Tx } from '@relay/database';
import type { Log } from '@relay/service-kit';
import { nextWork, putOff, type DueWork } from '../persistence/due-rows.js';
import type { HeldShard, HeldShards } from '../shards/held-shards.js';

/** Does one thing that is due. Must leave the row's due time later, or gone: else it is done again at once. */
export type DoWork = (work: DueWork, held: HeldShard, signal: AbortSignal) => Promise<void>;

export interface DueWorkerOptions {
  readonly database: Tx;
  readonly shards: HeldShards;
  readonly exactOwner: string | null;
  readonly log: Log;
  readonly doWork: DoWork;
}

/**
 * Calls in flight. After a long pause thousands of renewals are overdue at once: this many at a time spreads them, and
 * slow vendors do not hold up the rest for longer than one attempt.
 */
const CONCURRENCY = 16;
/** Looks again at least this often: rows of a shard that came from elsewhere, clocks that were set. */
const LOOK_AT_LEAST_MS = 15_000;
const TROUBLE_PAUSE_MS = 1000;
/** A row that fails by a defect (a lost storage key, say) comes back at this pace, and leaves its place to others meanwhile. */
const DEFECT_PAUSE_MS = 60_000;

/** Works off what is due in the held shards: one credential at a time, several credentials at once. */
export class DueWorker {
  private readonly running = new Map<string, Promise<void>>();
  private readonly stopping = new AbortController();
  private timer: NodeJS.Timeout | undefined;
  private looking: Promise<void> | null = null;
  private lookAgain = false;

  constructor(private readonly options: DueWorkerOptions) {}

  /** Something has become due, or a shard was taken. */
  kick(): void {
    if (this.stopping.signal.aborted) return;
    if (this.looking) {
      this.lookAgain = true;
      return;
    }
    clearTimeout(this.timer);
    this.looking = this.look().finally(() => {
      this.looking = null;
      if (this.lookAgain) {
        this.lookAgain = false;
        this.kick();
      }
    });
  }

  /** Aborts calls that run and waits for their ends. What was not committed is done by the next owner. */
  async stop(): Promise<void> {
    this.stopping.abort();
    clearTimeout(this.timer);
    await this.looking;
    await Promise.allSettled(this.running.values());
  }

  private async look(): Promise<void> {
    let wait = LOOK_AT_LEAST_MS;
    try {
      const shards = this.options.shards.shards();
      if (shards.length > 0) wait = await this.startDue(shards);
    } catch (error) {
      this.options.log.warn({ err: error }, 'due work cannot be read, trying again');
      wait = TROUBLE_PAUSE_MS;
    }
    if (this.stopping.signal.aborted) return;
    this.timer = setTimeout(() => this.kick(), wait);
  }

  /** Starts what is due as far as there is room, and returns how long until the next look. */
  private async startDue(shards: readonly number[]): Promise<number> {
    // Rows of credentials that are being worked on come first in the list, so there must be room for others behind them.
    const rows = await nextWork(this.options.database, shards, this.options.exactOwner, 2 * CONCURRENCY);
    for (const work of rows) {
      if (this.running.has(work.credentialId)) continue;
      const inMs = work.dueAt - Date.now();
      if (inMs > 0) return Math.min(inMs, LOOK_AT_LEAST_MS);
      // The end of any running one looks again.
      if (this.running.size >= CONCURRENCY) return LOOK_AT_LEAST_MS;
      this.start(work);
    }
    return LOOK_AT_LEAST_MS;
  }

  private start(work: DueWork): void {
    const epoch = this.options.shards.epochOf(work.shard);
    if (epoch === null) return;
    const done = this.run(work, { shard: work.shard, epoch }).finally(() => {
      this.running.delete(work.credentialId);
      this.kick();
    });
    this.running.set(work.credentialId, done);
  }

  private async run(work: DueWork, held: HeldShard): Promise<void> {
    const { shards, log, doWork } = this.options;
    try {
      await doWork(work, held, this.stopping.signal);
    } catch (error) {
      if (this.stopping.signal.aborted) return;
      if (error instanceof FencedOut) {
        log.info({ shard: held.shard }, 'shard has another owner, work dropped');
        shards.drop(held.shard, held.epoch);
        return;
      }
      const fields = { kind: work.kind, credentialId: work.credentialId, err: error };
      if (isTransient(error)) {
        log.warn(fields, 'credential work is interrupted, trying again');
        // The row is still due: without a pause it would be tried in a loop.
        await sleep(TROUBLE_PAUSE_MS, undefined, { signal: this.stopping.signal }).catch(() => undefined);
        return;
      }
      log.error(fields, 'credential work has failed, trying again later');
      await putOff(this.options.database, work, Date.now() + DEFECT_PAUSE_MS).catch(() => undefined);
    }
  }
}
