import { KafkaSendError, type Outgoing, type Position } from '@relay/kafka';
import type { Seen } from '../state-store.js';

/** What happens to one send. */
export type Fate =
  | 'acknowledged'
  /** In the log, but the answer is lost. */
  | 'answer lost'
  /** Not in the log, and nobody knows. */
  | 'lost'
  /** Nobody knows, and it lands later, whenever the broker gets to it. */
  | 'late'
  /** Acknowledged, then gone with a leader that nobody else had copied. */
  | 'acknowledged and gone';

interface Entry {
  readonly key: string;
  readonly version: number;
}

/** A topic in memory: an append-only log a partition, and messages that are still on their way to it. */
export class MemoryLog {
  readonly partitions = new Map<number, (Entry | null)[]>();
  readonly #late: Outgoing[] = [];
  readonly #positions = new Map<number, number>();

  constructor(private readonly nextFate: () => Fate) {}

  readonly send = async (message: Outgoing): Promise<Position> => {
    const fate = this.nextFate();
    await Promise.resolve();
    const unknown = new KafkaSendError('no answer', 'unknown', true);
    switch (fate) {
      case 'acknowledged':
        return this.#append(message);
      case 'answer lost':
        this.#append(message);
        throw unknown;
      case 'lost':
        throw unknown;
      case 'late':
        this.#late.push(message);
        throw unknown;
      case 'acknowledged and gone': {
        const position = this.#append(message);
        this.#log(position.partition)[Number(position.offset)] = null;
        return position;
      }
      default:
        return fate satisfies never;
    }
  };

  /** Lets one late message land. */
  land(): void {
    const message = this.#late.shift();
    if (message !== undefined) this.#append(message);
  }

  get hasLate(): boolean {
    return this.#late.length > 0;
  }

  /** How far the read-back has come. */
  positions(): Map<number, bigint> {
    return new Map([...this.#positions].map(([partition, next]) => [partition, BigInt(next)]));
  }

  /** The last message of each key that the read-back has not read yet, and a way to say that it has. */
  unread(): { seen: Seen[]; done: () => void } {
    const last = new Map<string, Seen>();
    for (const [partition, log] of this.partitions) {
      for (let offset = this.#positions.get(partition) ?? 0; offset < log.length; offset++) {
        const entry = log[offset];
        if (entry) {
          last.set(entry.key, {
            rowKey: entry.key,
            version: entry.version,
            topic: 't',
            partition,
            offset: BigInt(offset),
          });
        }
      }
    }
    const ends = [...this.partitions].map(([partition, log]) => [partition, log.length] as const);
    return {
      seen: [...last.values()],
      done: () => {
        for (const [partition, end] of ends) this.#positions.set(partition, end);
      },
    };
  }

  /** Version of the last message of each key. */
  tail(): Map<string, number> {
    const tail = new Map<string, number>();
    for (const log of this.partitions.values()) for (const entry of log) if (entry) tail.set(entry.key, entry.version);
    return tail;
  }

  #append({ key, value, partition = 0 }: Outgoing): Position {
    const log = this.#log(partition);
    log.push({ key, version: Number(value) });
    return { topic: 't', partition, offset: BigInt(log.length - 1) };
  }

  #log(partition: number): (Entry | null)[] {
    const log = this.partitions.get(partition) ?? [];
    this.partitions.set(partition, log);
    return log;
  }
}
