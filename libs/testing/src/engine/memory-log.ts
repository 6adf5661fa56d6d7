import { murmur2, partitionOf } from '@relay/contracts';
import { KafkaSendError, type Outgoing, type Position, type Received } from '@relay/kafka';

/** What becomes of one send. */
export type SendFate =
  | 'acknowledged'
  /** In the log, but the answer is lost. */
  | 'answer lost'
  /** Not in the log, and nobody knows. */
  | 'lost'
  /** Nobody knows, and it lands later, whenever the broker gets to it. */
  | 'late'
  /** Acknowledged, then gone with a leader that nobody else had copied. */
  | 'acknowledged and gone';

/** A message as it lies in the log; `null` in its place: it is gone. */
export interface LoggedMessage {
  readonly topic: string;
  readonly partition: number;
  readonly offset: bigint;
  readonly key: string;
  readonly value: string | null;
  readonly headers: Readonly<Record<string, string>>;
  readonly at: number;
}

export interface MemoryLogOptions {
  readonly partitions: number;
  now(): number;
}

/** All topics in memory: an append-only log a partition, nothing is ever compacted away, and messages on their way. */
export class MemoryLog {
  readonly partitions: number;
  /** While true nobody answers. */
  isAway = false;
  /** Draws what becomes of a send. */
  fateOfSend: (message: Outgoing, sender: string) => SendFate = () => 'acknowledged';
  /** Told of every message as it lands. */
  onAppended: (topic: string, partition: number) => void = () => undefined;
  private readonly logs = new Map<string, (LoggedMessage | null)[]>();
  private readonly late: { readonly message: Outgoing; readonly sender: string }[] = [];

  constructor(private readonly options: MemoryLogOptions) {
    this.partitions = options.partitions;
  }

  /** A send as it reaches the broker. Rejects when its outcome is unknown. */
  take(message: Outgoing, sender: string): Position {
    const unknown = new KafkaSendError('no answer', 'unknown', true);
    if (this.isAway) throw unknown;
    const fate = this.fateOfSend(message, sender);
    switch (fate) {
      case 'acknowledged':
        return this.append(message);
      case 'answer lost':
        this.append(message);
        throw unknown;
      case 'lost':
        throw unknown;
      case 'late':
        this.late.push({ message, sender });
        throw unknown;
      case 'acknowledged and gone': {
        const position = this.append(message);
        this.logOf(position.topic, position.partition)[Number(position.offset)] = null;
        return position;
      }
      default:
        return fate satisfies never;
    }
  }

  /** Appends a message of nobody under test: a tenant, a notice. */
  append(message: Outgoing): Position {
    const { topic, key } = message;
    const partition = message.partition ?? partitionOf(key, this.partitions);
    const log = this.logOf(topic, partition);
    const offset = BigInt(log.length);
    const headers = Object.entries(message.headers ?? {}).map(([name, value]) => [name, String(value)]);
    log.push({
      topic,
      partition,
      offset,
      key,
      at: this.options.now(),
      value: message.value === null ? null : String(message.value),
      headers: Object.fromEntries(headers) as Record<string, string>,
    });
    this.onAppended(topic, partition);
    return { topic, partition, offset };
  }

  /** Lets late messages land: all, or so many of the oldest. */
  land(most = Infinity): number {
    const landing = this.late.splice(0, Math.min(most, this.late.length));
    for (const { message } of landing) this.append(message);
    return landing.length;
  }

  get lateMessages(): number {
    return this.late.length;
  }

  end(topic: string, partition: number): bigint {
    return BigInt(this.logOf(topic, partition).length);
  }

  /** Messages of a partition from an offset on, in the form in which handlers get them, and where the next read begins. */
  read(topic: string, partition: number, from: bigint, most = 500): { messages: Received<unknown>[]; next: bigint } {
    const page = this.logOf(topic, partition).slice(Number(from), Number(from) + most);
    const messages = page.filter((message) => message !== null).map(received);
    return { messages, next: from + BigInt(page.length) };
  }

  /** All messages of a topic, in the order of each partition. */
  messages(topic: string): LoggedMessage[] {
    const found: LoggedMessage[] = [];
    for (let partition = 0; partition < this.partitions; partition += 1) {
      for (const message of this.logs.get(nameOf(topic, partition)) ?? []) if (message !== null) found.push(message);
    }
    return found;
  }

  /** The last message of each key: what compaction leaves. */
  tail(topic: string): Map<string, LoggedMessage> {
    return new Map(this.messages(topic).map((message) => [message.key, message]));
  }

  /** Two runs that did the same have the same digest. */
  digest(): number {
    let digest = 0;
    for (const [name, log] of [...this.logs].sort(([a], [b]) => (a < b ? -1 : 1))) {
      const text = log.map((m) => (m === null ? '-' : `${m.key} ${m.at} ${JSON.stringify(m.headers)} ${m.value}`));
      digest = murmur2(Buffer.from(`${digest} ${name} ${text.join('\n')}`));
    }
    return digest;
  }

  private logOf(topic: string, partition: number): (LoggedMessage | null)[] {
    const name = nameOf(topic, partition);
    let log = this.logs.get(name);
    if (log === undefined) this.logs.set(name, (log = []));
    return log;
  }
}

const nameOf = (topic: string, partition: number): string => `${topic}/${partition}`;

function received({ key, value, headers, partition, offset, at }: LoggedMessage): Received<unknown> {
  const rawValue = value === null ? null : Buffer.from(value);
  const message = { key, rawValue, headers, partition, offset, timestamp: at };
  return { ...message, value: value === null ? null : (JSON.parse(value) as unknown) };
}
