import type { Log } from '@relay/service-kit';
import type { RenewColumns } from './renew-columns.js';
import type { ResealTokens } from './reseal-tokens.js';

export interface RotationWorkerOptions {
  readonly columns: RenewColumns;
  readonly tokens: ResealTokens;
  readonly log: Log;
}

/** While keys are being exchanged, another process may still write with the ones before. */
const SOON_MS = 30_000;
const LATER_MS = 10 * 60_000;
/** Shards are taken one after the other: one round for all of them. */
const SHARD_TAKEN_MS = 500;

/**
 * Brings everything under the first key of its set, in the background: at start, when shards are taken, and from time to
 * time. With nothing to do a round only looks.
 */
export class RotationWorker {
  private readonly stopping = new AbortController();
  private timer: NodeJS.Timeout | undefined;
  private dueAt = Infinity;
  private running: Promise<void> | null = null;
  private again = false;

  constructor(private readonly options: RotationWorkerOptions) {}

  start(): void {
    this.schedule(0);
  }

  /** There may be tokens in it that another process has sealed to an older key. */
  shardTaken(): void {
    if (this.running === null) this.schedule(SHARD_TAKEN_MS);
    else this.again = true;
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    clearTimeout(this.timer);
    await this.running;
  }

  private schedule(inMs: number): void {
    const at = Date.now() + inMs;
    if (this.stopping.signal.aborted || at >= this.dueAt) return;
    clearTimeout(this.timer);
    this.dueAt = at;
    this.timer = setTimeout(() => {
      this.dueAt = Infinity;
      this.running = this.round().finally(() => (this.running = null));
    }, inMs);
  }

  private async round(): Promise<void> {
    const { columns, tokens, log } = this.options;
    let next = SOON_MS;
    this.again = false;
    try {
      const { signal } = this.stopping;
      const done = [await tokens.round(signal), await columns.round(signal)];
      if (done.every((count) => count === 0)) next = LATER_MS;
    } catch (error) {
      if (!this.stopping.signal.aborted) log.warn({ err: error }, 'the exchange of keys is interrupted, trying again');
    }
    this.schedule(this.again ? SHARD_TAKEN_MS : next);
  }
}
