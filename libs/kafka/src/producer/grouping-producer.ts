import { partitionOf } from '@relay/contracts';
import type { Producer, RecordMetadata, TopicMessages } from 'kafkajs';
import { KafkaSendError, errorWord } from '../errors.js';
import type { KafkaInstruments } from '../instruments.js';
import type { Outgoing, Position } from '../messages.js';
import type { KafkaLog } from '../ports.js';
import { sendFailure } from './send-failure.js';
import { QUEUE_LIMITS, SendQueue, type QueueLimits, type Waiting } from './send-queue.js';

/**
 * `control`: tried again for a while, so a message may lie in the log twice. `record`: tried once, one message of a key
 * in flight at a time; whoever sends state decides what is sent after an unknown outcome. Neither is idempotent: kafkajs'
 * idempotent producer with finite retries was seen to lose acknowledged messages.
 */
export type ProducerKind = 'control' | 'record';

export interface GroupingProducerOptions {
  readonly kind: ProducerKind;
  readonly partitions: number;
  readonly prefix: string;
  readonly log: KafkaLog;
  readonly instruments: KafkaInstruments;
  readonly limits?: QueueLimits;
  /** How long a `control` group is tried when nobody set a deadline. */
  readonly tryForMs?: number;
}

export interface SendOptions {
  /** From now. At the deadline the promise rejects with outcome `unknown`, though the message may still arrive. */
  readonly deadlineMs?: number;
}

/** Bytes of a record beside key, value and headers: generous, so that a batch never exceeds the broker's limit. */
const RECORD_OVERHEAD = 64;
const TRY_FOR_MS = 20_000;
const RETRY_MIN_MS = 50;
const RETRY_MAX_MS = 1_000;

/** Sends at once; whatever is handed over while a request is in flight goes into the next one, over all topics. */
export class GroupingProducer {
  readonly #queue: SendQueue;
  #inFlight: Promise<void> | null = null;
  #connected = false;
  #closed = false;
  #failing = false;

  constructor(
    private readonly producer: Producer,
    private readonly options: GroupingProducerOptions,
  ) {
    this.#queue = new SendQueue(options.limits ?? QUEUE_LIMITS, options.kind === 'record');
  }

  /** Resolves once every in-sync replica has the message; rejects with KafkaSendError. */
  send(message: Outgoing, options: SendOptions = {}): Promise<Position> {
    return new Promise((resolve, reject) => {
      if (this.#closed) return reject(new KafkaSendError('the producer is closed', 'not-sent', true));
      const item = this.#item(message, options.deadlineMs, resolve, reject);
      if (!this.#queue.add(item)) {
        item.settle(new KafkaSendError('too many messages are waiting for Kafka', 'not-sent', true));
        return;
      }
      this.#pump();
    });
  }

  /** All positions in the order of the messages; rejects with the first failure after all have an outcome. */
  async sendMany(messages: readonly Outgoing[], options: SendOptions = {}): Promise<Position[]> {
    const results = await Promise.allSettled(messages.map((message) => this.send(message, options)));
    const positions: Position[] = [];
    for (const result of results) {
      if (result.status === 'rejected') throw result.reason;
      positions.push(result.value);
    }
    return positions;
  }

  /** Waits for what is in flight and waiting (up to `drainMs`), refuses the rest, disconnects. */
  async close(drainMs = 5_000): Promise<void> {
    this.#closed = true;
    const drained = this.#whenIdle();
    await Promise.race([drained, pause(drainMs)]);
    for (const item of this.#queue.drain()) {
      item.settle(new KafkaSendError('the producer was closed', 'not-sent', true));
    }
    if (this.#connected) await this.producer.disconnect();
    this.#connected = false;
  }

  async #whenIdle(): Promise<void> {
    while (this.#inFlight !== null) await this.#inFlight;
  }

  #item(
    message: Outgoing,
    deadlineMs: number | undefined,
    resolve: (position: Position) => void,
    reject: (error: KafkaSendError) => void,
  ): Waiting {
    let timer: NodeJS.Timeout | undefined;
    const item: Waiting = {
      message,
      partition: message.partition ?? partitionOf(message.key, this.options.partitions),
      bytes: sizeOf(message),
      identity: `${message.topic}\n${message.key}`,
      wanted: true,
      settle: (result) => {
        if (!item.wanted) return;
        item.wanted = false;
        clearTimeout(timer);
        if (result instanceof KafkaSendError) {
          this.options.instruments.produceFailed(this.options.kind, result.outcome, 1);
          reject(result);
        } else resolve(result);
      },
    };
    if (deadlineMs !== undefined) {
      timer = setTimeout(() => {
        item.settle(new KafkaSendError(`not acknowledged within ${deadlineMs} ms`, 'unknown', true));
      }, deadlineMs);
    }
    return item;
  }

  #pump(): void {
    if (this.#inFlight !== null || this.#queue.size === 0) return;
    // A microtask later, so that all sends of one turn of the event loop share the first request too.
    this.#inFlight = Promise.resolve()
      .then(() => this.#sendGroup(this.#queue.take()))
      .finally(() => {
        this.#inFlight = null;
        this.#pump();
      });
  }

  async #sendGroup(group: Waiting[]): Promise<void> {
    const giveUpAt = Date.now() + (this.options.tryForMs ?? TRY_FOR_MS);
    let uncertain = false;
    for (let attempt = 0; ; attempt++) {
      const wanted = group.filter((item) => item.wanted);
      if (wanted.length === 0) return;
      const failure = await this.#attempt(wanted);
      if (failure === null) return;
      uncertain ||= failure.outcome === 'unknown';
      const again = this.options.kind === 'control' && failure.retryable && !this.#closed && Date.now() < giveUpAt;
      if (!again) {
        if (!failure.retryable && wanted.length > 1) return this.#sendSingly(wanted);
        for (const item of wanted) item.settle(certainty(failure, uncertain));
        return;
      }
      await pause(Math.min(RETRY_MAX_MS, RETRY_MIN_MS * 2 ** attempt) * (0.5 + Math.random() / 2));
    }
  }

  /** A message that the broker refuses must not take its neighbours along. */
  async #sendSingly(group: readonly Waiting[]): Promise<void> {
    for (const item of group) {
      if (item.wanted) await this.#sendGroup([item]);
    }
  }

  /** One produce request. Settles the messages and returns null when it was acknowledged. */
  async #attempt(group: readonly Waiting[]): Promise<KafkaSendError | null> {
    const started = performance.now();
    try {
      await this.#connect();
      const requests = byTopic(group, this.options.prefix);
      const answer = await this.producer.sendBatch({ acks: -1, topicMessages: requests.map((r) => r.topicMessages) });
      this.options.instruments.produced(this.options.kind, group.length, (performance.now() - started) / 1000);
      this.#say(null);
      settleAll(requests, answer);
      return null;
    } catch (error) {
      const failure = sendFailure(error, group.length);
      this.#say(failure);
      return failure;
    }
  }

  async #connect(): Promise<void> {
    if (this.#connected) return;
    await this.producer.connect();
    this.#connected = true;
  }

  /** Once a change, not once an attempt. */
  #say(failure: KafkaSendError | null): void {
    const { kind, log } = this.options;
    if (failure === null) {
      if (this.#failing) log.info({ kind }, 'Kafka acknowledges again');
      this.#failing = false;
    } else {
      if (!this.#failing)
        log.warn({ kind, cause: errorWord(failure.cause), detail: failure.message }, 'Kafka does not acknowledge');
      this.#failing = true;
    }
  }
}

/** What an earlier attempt left uncertain stays uncertain, whatever the last one says. */
function certainty(failure: KafkaSendError, uncertain: boolean): KafkaSendError {
  if (!uncertain || failure.outcome === 'unknown') return failure;
  return new KafkaSendError(failure.message, 'unknown', failure.retryable, { cause: failure.cause });
}

interface TopicRequest {
  readonly name: string;
  readonly topicMessages: TopicMessages;
  /** Messages of each partition in the order in which they were put into the request. */
  readonly byPartition: Map<number, Waiting[]>;
}

function byTopic(group: readonly Waiting[], prefix: string): TopicRequest[] {
  const topics = new Map<string, TopicRequest>();
  for (const item of group) {
    const { topic, key, value, headers } = item.message;
    let request = topics.get(topic);
    if (request === undefined) {
      request = { name: topic, topicMessages: { topic: prefix + topic, messages: [] }, byPartition: new Map() };
      topics.set(topic, request);
    }
    request.topicMessages.messages.push({
      key,
      value: value === null || typeof value === 'string' ? value : asBuffer(value),
      partition: item.partition,
      ...(headers === undefined ? {} : { headers: asHeaders(headers) }),
    });
    const list = request.byPartition.get(item.partition);
    if (list === undefined) request.byPartition.set(item.partition, [item]);
    else list.push(item);
  }
  return [...topics.values()];
}

function settleAll(requests: readonly TopicRequest[], answer: readonly RecordMetadata[]): void {
  const base = new Map(answer.map((a) => [`${a.topicName}/${a.partition}`, BigInt(a.baseOffset ?? a.offset ?? '-1')]));
  for (const { name, topicMessages, byPartition } of requests) {
    for (const [partition, items] of byPartition) {
      const first = base.get(`${topicMessages.topic}/${partition}`);
      items.forEach((item, index) => {
        if (first === undefined) item.settle(new KafkaSendError('the answer names no offset', 'unknown', true));
        else item.settle({ topic: name, partition, offset: first + BigInt(index) });
      });
    }
  }
}

function sizeOf({ key, value, headers }: Outgoing): number {
  let bytes = RECORD_OVERHEAD + Buffer.byteLength(key) + (value === null ? 0 : lengthOf(value));
  for (const name in headers) bytes += name.length + lengthOf(headers[name] as string | Uint8Array) + 4;
  return bytes;
}

function lengthOf(value: string | Uint8Array): number {
  return typeof value === 'string' ? Buffer.byteLength(value) : value.byteLength;
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function asHeaders(headers: Readonly<Record<string, string | Uint8Array>>): Record<string, string | Buffer> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, typeof value === 'string' ? value : asBuffer(value)]),
  );
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
