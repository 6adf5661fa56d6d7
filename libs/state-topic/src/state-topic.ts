import type { GroupingProducer, KafkaLog, KafkaMetrics } from '@relay/kafka';
import { KafkaSendError } from '@relay/kafka';
import { systemClock, type Clock } from '@relay/service-kit';
import { SentRows, type SentRow } from './sent-rows.js';
import type { Seen, StateMessage, StateStore } from './state-store.js';

export interface StateTopicOptions {
  /** Of kind `record`: one try, one send in flight per key. */
  readonly producer: Pick<GroupingProducer, 'send'>;
  readonly store: StateStore;
  readonly log: KafkaLog;
  readonly metrics?: KafkaMetrics;
  /** For metrics and log lines, for example the topic. */
  readonly name?: string;
  /** How far the read-back group has come, per partition (`kafka.committedOffsets(readBackGroup(service), topic)`). */
  readonly readBackPositions?: (topic: string) => Promise<Map<number, bigint>>;
  /**
   * `shared`: any replica may send any row; this one looks through the whole store from time to time.
   * `sharded`: rows belong to shards; each is looked through once, at `takeOver`.
   */
  readonly ownership?: 'shared' | 'sharded';
  readonly pace?: Partial<StatePace>;
  /** Default: the system's. */
  readonly clock?: Clock;
  /** Spreads tries; default: Math.random. */
  readonly random?: () => number;
}

export interface StatePace {
  /** How often rows on their way are looked at. */
  readonly lookMs: number;
  /** How often a shared store is looked through while nothing is on its way. */
  readonly scanMs: number;
  /** Without read-back positions: a row not seen for so long is sent again. */
  readonly blindMs: number;
  readonly retryMinMs: number;
  readonly retryMaxMs: number;
}

const PACE: StatePace = { lookMs: 1_000, scanMs: 15_000, blindMs: 30_000, retryMinMs: 100, retryMaxMs: 5_000 };
const PAGE = 500;

type Resend = 'failed' | 'passed' | 'found' | 'take-over';

/**
 * Publishes rows to compacted topics so that the log's last message of a key is always the row's newest state: send, read
 * back, send again. Published means seen in the log.
 */
export class StateTopic {
  readonly #rows = new SentRows();
  /** Rows whose last send failed: their present state is sent again. */
  readonly #failed = new Set<string>();
  /** Rows found unseen once, with the version found; found again unchanged, they are sent. */
  #suspects = new Map<string, number>();
  /** Rows that the read-back has seen in another version than the store holds. */
  readonly #odd = new Set<string>();
  readonly #pace: StatePace;
  readonly #count: (reason: Resend, rows: number) => void;
  readonly #gauge: (rows: number) => void;
  #failures = 0;
  readonly #clock: Clock;
  readonly #random: () => number;
  #cancelRetry: (() => void) | null = null;
  #cancelLook: (() => void) | null = null;
  #lastScan = 0;
  #closed = false;

  constructor(private readonly options: StateTopicOptions) {
    this.#pace = { ...PACE, ...options.pace };
    this.#clock = options.clock ?? systemClock;
    this.#random = options.random ?? Math.random;
    const name = options.name ?? 'state';
    const resends = options.metrics?.counter({
      name: 'relay_state_resends_total',
      help: 'Rows sent again, by why',
      labelNames: ['name', 'reason'],
    });
    const unconfirmed = options.metrics?.gauge({
      name: 'relay_state_unconfirmed',
      help: 'Rows of this process that were not seen in the log yet',
      labelNames: ['name'],
    });
    this.#count = (reason, rows) => resends?.inc({ name, reason }, rows);
    this.#gauge = (rows) => unconfirmed?.set({ name }, rows);
    this.#schedule();
  }

  /** Rows on their way. */
  get unconfirmed(): number {
    return this.#rows.size;
  }

  /**
   * Sends committed rows, in order. Resolves when each, or a newer version of its row, is acknowledged, or the row was
   * released; never rejects. While Kafka is away it tries on, each time with the state of that moment.
   */
  async publish(messages: readonly StateMessage[]): Promise<void> {
    if (this.#closed) return;
    await Promise.all(messages.map((message) => this.#publishOne(message)));
  }

  /** Sends what a crashed owner may have left: all rows of the shard (or the store) that were not seen in the log. */
  async takeOver(shard?: number): Promise<void> {
    const scope = shard === undefined ? {} : { shard };
    let after: string | undefined;
    while (!this.#closed) {
      const page = await this.options.store.unconfirmed(scope, PAGE, after);
      const fresh = page.filter((row) => this.#rows.get(row.rowKey) === undefined);
      if (fresh.length > 0) this.#count('take-over', fresh.length);
      await this.publish(fresh);
      if (page.length < PAGE) return;
      after = page.at(-1)?.rowKey;
    }
  }

  /** The shard has another owner: its rows are theirs to send. */
  release(shard: number): void {
    this.#rows.dropShard(shard);
  }

  /** For the read-back handler: notes what was seen, in order of the log. Rejects when the store is away. */
  async onSeen(batch: readonly Seen[]): Promise<void> {
    if (batch.length === 0) return;
    const odd = await this.options.store.noteSeen(batch);
    for (const { rowKey, version } of batch) if (version !== null) this.#rows.confirm(rowKey, version);
    for (const rowKey of odd ?? []) this.#odd.add(rowKey);
    this.#gauge(this.#rows.size);
  }

  close(): void {
    this.#closed = true;
    this.#cancelRetry?.();
    this.#cancelLook?.();
    this.#rows.dropAll();
  }

  async #publishOne(state: StateMessage): Promise<void> {
    const { rowKey, version } = state;
    // In this process an older state never follows a newer one.
    if (this.#rows.expect(rowKey, version, state.shard ?? null)) void this.#send(state);
    await this.#rows.acknowledged(rowKey, version);
  }

  async #send({ rowKey, version, message }: StateMessage): Promise<void> {
    try {
      const position = await this.options.producer.send(message);
      this.#rows.acknowledge(rowKey, version, position, this.#clock.now());
      this.#failures = 0;
      this.#gauge(this.#rows.size);
    } catch (error) {
      if (this.#closed || this.#rows.get(rowKey) === undefined) return;
      if (error instanceof KafkaSendError && !error.retryable) {
        this.options.log.error({ rowKey, version, detail: error.message }, 'a row cannot be published');
        this.#rows.drop(rowKey);
        return;
      }
      this.#failed.add(rowKey);
      this.#retrySoon();
    }
  }

  #retrySoon(): void {
    if (this.#cancelRetry !== null || this.#closed) return;
    const ceiling = Math.min(this.#pace.retryMaxMs, this.#pace.retryMinMs * 2 ** Math.min(this.#failures++, 20));
    this.#cancelRetry = this.#clock.after(ceiling * (0.5 + this.#random() / 2), () => {
      this.#cancelRetry = null;
      void this.#retry();
    });
  }

  async #retry(): Promise<void> {
    const rowKeys = [...this.#failed].filter((rowKey) => this.#rows.get(rowKey) !== undefined).slice(0, PAGE);
    for (const rowKey of this.#failed) if (this.#rows.get(rowKey) === undefined) this.#failed.delete(rowKey);
    if (rowKeys.length === 0 || this.#closed) return;
    for (const rowKey of rowKeys) this.#failed.delete(rowKey);
    try {
      await this.#resend(rowKeys, 'failed');
    } catch {
      // The store is away: the rows wait with it.
      for (const rowKey of rowKeys) this.#failed.add(rowKey);
    }
    if (this.#failed.size > 0) this.#retrySoon();
  }

  /** Sends the rows as they are now. A row that is gone needs no message: whoever removed it sends what is due. */
  async #resend(rowKeys: readonly string[], reason: Resend): Promise<void> {
    if (rowKeys.length === 0) return;
    const present = await this.options.store.present(rowKeys);
    const found = new Set(present.map((row) => row.rowKey));
    for (const rowKey of rowKeys) if (!found.has(rowKey)) this.#rows.drop(rowKey);
    this.#count(reason, present.length);
    for (const row of present) {
      // Released while the store was asked: the new owner sends it.
      if (reason !== 'found' && this.#rows.get(row.rowKey) === undefined) continue;
      if (this.#rows.expect(row.rowKey, row.version, row.shard ?? null)) void this.#send(row);
    }
  }

  #schedule(): void {
    if (this.#closed) return;
    this.#cancelLook = this.#clock.after(this.#pace.lookMs, () => {
      void this.look().finally(() => this.#schedule());
    });
  }

  /** One look at what is on its way; runs by itself every `lookMs`. Never rejects. */
  async look(now = this.#clock.now()): Promise<void> {
    try {
      await this.#lookAtSent(now);
      await this.#lookAtOdd();
      const isBusy = this.#suspects.size > 0;
      if (this.options.ownership !== 'sharded' && (isBusy || now - this.#lastScan >= this.#pace.scanMs)) {
        this.#lastScan = now;
        await this.#scan();
      }
    } catch (error) {
      const detail = error instanceof Error ? error.message : String(error);
      this.options.log.debug({ name: this.options.name, detail }, 'rows cannot be looked at now');
    }
  }

  /** Rows acknowledged a while ago: seen by now (by whichever process reads that partition back), or passed unseen? */
  async #lookAtSent(now: number): Promise<void> {
    const rows = this.#rows.acknowledgedBefore(now - this.#pace.lookMs);
    if (rows.length === 0) return;
    // Positions first: what they have passed was noted before the store is asked.
    const passed = await this.#passed(rows, now);
    const versions = new Map(rows.map((row) => [row.rowKey, row.newest]));
    const unseen = new Set(await this.options.store.unseen(rows.map((row) => row.rowKey)));
    for (const [rowKey, version] of versions) if (!unseen.has(rowKey)) this.#rows.confirm(rowKey, version);
    const again = rows.filter((row) => unseen.has(row.rowKey) && passed.has(row.rowKey));
    await this.#resend(
      again.map((row) => row.rowKey),
      'passed',
    );
    this.#gauge(this.#rows.size);
  }

  async #passed(rows: readonly SentRow[], now: number): Promise<Set<string>> {
    const passed = new Set<string>();
    const { readBackPositions } = this.options;
    const byTopic = new Map<string, Map<number, bigint>>();
    for (const { rowKey, acknowledged } of rows) {
      if (acknowledged === null) continue;
      const { position, at } = acknowledged;
      if (readBackPositions === undefined) {
        if (now - at >= this.#pace.blindMs) passed.add(rowKey);
        continue;
      }
      let positions = byTopic.get(position.topic);
      if (positions === undefined) byTopic.set(position.topic, (positions = await readBackPositions(position.topic)));
      if ((positions.get(position.partition) ?? 0n) > position.offset) passed.add(rowKey);
    }
    return passed;
  }

  async #lookAtOdd(): Promise<void> {
    if (this.#odd.size === 0) return;
    const rowKeys = [...this.#odd].slice(0, PAGE);
    const unseen = await this.options.store.unseen(rowKeys);
    for (const rowKey of rowKeys) this.#odd.delete(rowKey);
    // Those on their way are looked at above; the others were overwritten by somebody's late message.
    await this.#resend(
      unseen.filter((rowKey) => this.#rows.get(rowKey) === undefined),
      'found',
    );
  }

  /** Looks through a shared store: what is unseen in two scans in a row, unchanged, has nobody who sends it. */
  async #scan(): Promise<void> {
    const found = new Map<string, number>();
    const again: string[] = [];
    let after: string | undefined;
    for (;;) {
      const page = await this.options.store.unconfirmed({}, PAGE, after);
      for (const { rowKey, version } of page) {
        if (this.#rows.get(rowKey) !== undefined) continue;
        if (this.#suspects.get(rowKey) === version) again.push(rowKey);
        else found.set(rowKey, version);
      }
      if (page.length < PAGE) break;
      after = page.at(-1)?.rowKey;
    }
    this.#suspects = found;
    await this.#resend(again, 'found');
  }
}
