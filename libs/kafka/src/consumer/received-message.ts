import { CONTROL_TOPICS, type ControlTopic } from '@relay/contracts';
import type { KafkaMessage } from 'kafkajs';
import type { Received } from '../messages.js';

/** A message from the log. Key, headers and the value of record topics are decoded when they are first looked at. */
export class ReceivedMessage implements Received<unknown> {
  readonly offset: bigint;
  readonly timestamp: number;
  #key: string | undefined;
  #headers: Record<string, string> | undefined;
  #value: { parsed: unknown } | undefined;

  constructor(
    readonly topic: string,
    readonly partition: number,
    private readonly message: KafkaMessage,
  ) {
    this.offset = BigInt(message.offset);
    this.timestamp = Number(message.timestamp);
  }

  get key(): string {
    this.#key ??= this.message.key === null ? '' : this.message.key.toString('utf8');
    return this.#key;
  }

  get rawValue(): Buffer | null {
    return this.message.value;
  }

  /** Throws a SyntaxError when the bytes are no JSON; handlers of control topics never get such a message. */
  get value(): unknown {
    this.#value ??= { parsed: parse(this.message.value) };
    return this.#value.parsed;
  }

  /** Headers as they were, for a dead letter. */
  get rawHeaders(): Readonly<Record<string, Buffer>> {
    const headers: Record<string, Buffer> = {};
    for (const [name, value] of Object.entries(this.message.headers ?? {})) {
      const last = lastOf(value);
      if (last !== undefined) headers[name] = typeof last === 'string' ? Buffer.from(last) : last;
    }
    return headers;
  }

  get headers(): Readonly<Record<string, string>> {
    this.#headers ??= textsOf(this.message.headers ?? {});
    return this.#headers;
  }

  /**
   * Reads and checks the value of a control topic. Returns null when it is good, else a stable word for what is wrong:
   * member names only, never values. Other topics are not looked at.
   */
  check(): string | null {
    if (!isControlTopic(this.topic)) return null;
    let parsed: unknown;
    try {
      parsed = parse(this.message.value);
    } catch {
      return 'invalid-json';
    }
    if (parsed !== null || this.message.value !== null) {
      const result = CONTROL_TOPICS[this.topic].value.safeParse(parsed);
      if (!result.success) {
        return `invalid-value ${result.error.issues.map((issue) => `/${issue.path.join('/')} ${issue.code}`).join(', ')}`;
      }
      parsed = result.data;
    }
    this.#value = { parsed };
    return null;
  }
}

type Headers = NonNullable<KafkaMessage['headers']>;

/** Of several values of one header the last counts. */
function lastOf(value: Headers[string]): Buffer | string | undefined {
  return Array.isArray(value) ? value.at(-1) : value;
}

function textsOf(raw: Headers): Record<string, string> {
  const texts: Record<string, string> = {};
  for (const name in raw) {
    const last = lastOf(raw[name]);
    if (last !== undefined) texts[name] = typeof last === 'string' ? last : last.toString('utf8');
  }
  return texts;
}

function parse(value: Buffer | null): unknown {
  return value === null ? null : (JSON.parse(value.toString('utf8')) as unknown);
}

export function isControlTopic(topic: string): topic is ControlTopic {
  return Object.hasOwn(CONTROL_TOPICS, topic);
}
