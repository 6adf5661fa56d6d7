import { setTimeout as sleep } from 'node:timers/promises';
import { FencedOut, isTransient, type Tx } from '@relay/database';
import type { Log } from '@relay/service-kit';
import { bringForward, nextWork, putOff, type DueWork } from '../persistence/due-rows.js';
import type { HeldShard, HeldShards } from '../shards/held-shards.js';
import type { HostGate } from './host-gate.js';

/**
 * Does one thing that is due. Must leave the row's due time later, or gone: else it is done again at once. Returns whether
 * the vendor could be reached; null when it was not asked.
 */
export type DoWork = (work: DueWork, held: HeldShard, signal: AbortSignal) => Promise<boolean | null>;

export interface DueWorkerOptions {
  readonly database: Tx;
  readonly shards: HeldShards;
  readonly exactOwner: string | null;
  readonly gate: HostGate;
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
    const { database, exactOwner, gate } = this.options;
    const rows = await nextWork(database, shards, exactOwner, gate.silent(Date.now()), 2 * CONCURRENCY);
    const atMost = Math.min(gate.nextProbeInMs(Date.now()) ?? LOOK_AT_LEAST_MS, LOOK_AT_LEAST_MS);
    for (const work of rows) {
      if (this.running.has(work.credentialId)) continue;
      const inMs = work.dueAt - Date.now();
      if (inMs > 0) return Math.min(inMs, atMost);
      // The end of any running one looks again.
      if (this.running.size >= CONCURRENCY) return atMost;
      if (this.options.shards.epochOf(work.shard) === null || !gate.mayStart(work.host, Date.now())) continue;
      this.start(work);
    }
    return atMost;
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

  private async hostIsBack(host: string): Promise<void> {
    const { database, shards, log } = this.options;
    log.info({ host }, 'a host answers again, what has waited for it is due now');
    await bringForward(database, shards.shards(), host, Date.now());
  }

  private async run(work: DueWork, held: HeldShard): Promise<void> {
    const { shards, log, doWork, gate } = this.options;
    try {
      const wasReached = await doWork(work, held, this.stopping.signal);
      if (gate.ended(work.host, wasReached, Date.now())) await this.hostIsBack(work.host);
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
