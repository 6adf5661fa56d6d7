import { KafkaSendError, type Outgoing, type Position } from '@relay/kafka';
import type { RecordLog } from '@relay/sync-engine';
import type { MemoryLog } from './memory-log.js';
import type { VirtualProcess } from './virtual-clock.js';

export interface MemoryRecordLogOptions {
  readonly log: MemoryLog;
  readonly process: VirtualProcess;
  /** Stands in what is told of its sends. */
  readonly name: string;
  /** How long a message is on its way to the broker, and the answer back. */
  readonly latencyMs: number;
  readBackPositions(topic: string): Map<number, bigint>;
}

/**
 * One process's way to the log: a message of a key at a time, each sent once. A process that is stopped between a commit
 * and its send sends late, when it goes on.
 */
export class MemoryRecordLog implements RecordLog {
  private readonly inFlight = new Map<string, Promise<unknown>>();

  constructor(private readonly options: MemoryRecordLogOptions) {}

  get partitions(): number {
    return this.options.log.partitions;
  }

  send(message: Outgoing): Promise<Position> {
    const key = `${message.topic}\0${message.key}`;
    const sent = (this.inFlight.get(key) ?? Promise.resolve()).then(() => this.sendOne(message));
    const ended = sent
      .catch(() => undefined)
      .finally(() => {
        if (this.inFlight.get(key) === ended) this.inFlight.delete(key);
      });
    this.inFlight.set(key, ended);
    return sent;
  }

  async sendAccount(message: Outgoing): Promise<Position> {
    for (;;) {
      try {
        return await this.sendOne(message);
      } catch (error) {
        if (!(error instanceof KafkaSendError) || !error.retryable) throw error;
        await this.options.process.pause(1_000);
      }
    }
  }

  async readBackPositions(topic: string): Promise<Map<number, bigint>> {
    await this.reach();
    return this.options.readBackPositions(topic);
  }

  async noticeEnd(shard: number): Promise<bigint | null> {
    await this.reach();
    return this.options.log.end('notice.v1', shard);
  }

  private async sendOne(message: Outgoing): Promise<Position> {
    const { log, process, name, latencyMs } = this.options;
    await process.pause(latencyMs);
    let position: Position;
    try {
      position = log.take(message, name);
    } catch (error) {
      // An answer that does not come is waited for.
      await process.pause(10 * latencyMs);
      throw error;
    }
    await process.pause(latencyMs);
    return position;
  }

  private async reach(): Promise<void> {
    const { log, process, latencyMs } = this.options;
    await process.pause(2 * latencyMs);
    if (log.isAway) throw new KafkaSendError('no answer', 'not-sent', true);
  }
}
