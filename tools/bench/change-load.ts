import { setTimeout as delay } from 'node:timers/promises';
import { recordTopic } from '#contracts';
import type { RelayKafka } from '#kafka';
import { percentile, rounded } from './statistics.ts';
import { untilCount } from './sync-world.ts';

export interface Timed {
  readonly p50: number;
  readonly p99: number;
}

export function summary(latencies: readonly number[]): Timed {
  return { p50: rounded(percentile(latencies, 50), 1), p99: rounded(percentile(latencies, 99), 1) };
}

/** Starts something `perSecond` times a second for `seconds`, without waiting for the last one, and waits for all. */
export async function atRate(
  perSecond: number,
  seconds: number,
  start: (index: number) => Promise<void>,
): Promise<void> {
  const running: Promise<void>[] = [];
  const failures: unknown[] = [];
  const began = performance.now();
  for (let index = 0; index < perSecond * seconds; index++) {
    const early = began + (index * 1000) / perSecond - performance.now();
    if (early > 1) await delay(early);
    running.push(start(index).catch((error: unknown) => void failures.push(error)));
  }
  await Promise.all(running);
  if (failures.length > 0) throw failures[0];
}

export interface ChangeLoadOptions<Tenant> {
  readonly kafka: RelayKafka;
  readonly vendor: 'provet' | 'exact';
  readonly resource: string;
  /** Of the record: takes the mark of a change. */
  readonly member: string;
  readonly tenants: readonly Tenant[];
  /** Records of each tenant, from 1 on. */
  readonly records: number;
  readonly keyOf: (tenant: Tenant, record: number) => string;
  readonly change: (tenant: Tenant, record: number, mark: string) => Promise<void>;
  /** Tells the relay of a change, where the vendor does so. The time runs from its beginning. */
  readonly announce?: (tenant: Tenant, record: number) => Promise<void>;
}

interface Change<Tenant> {
  readonly index: number;
  readonly at: number;
  readonly tenant: Tenant;
}

/** Changes records at a vendor at a steady rate, and takes the time until a consumer sees each. */
export class ChangeLoad<Tenant> {
  /** By record: changes that no event has shown yet, in order. A later change's event shows the earlier ones too. */
  readonly #waiting = new Map<string, Change<Tenant>[]>();
  readonly #seen = new Set<string>();
  #arrived: { tenant: Tenant; ms: number }[] = [];
  readonly #options: ChangeLoadOptions<Tenant>;

  constructor(options: ChangeLoadOptions<Tenant>) {
    this.#options = options;
    options.kafka.tableReader({
      topics: [recordTopic(options.vendor, options.resource)],
      onBatch: ({ messages }) => {
        for (const { key, value } of messages) this.#event(key, value as { record?: Record<string, unknown> } | null);
      },
    });
  }

  get recordsSeen(): number {
    return this.#seen.size;
  }

  /** Latencies of the tenants that count, at a rate over all of them. */
  async timed(
    run: number,
    perSecond: number,
    seconds: number,
    counts: (tenant: Tenant) => boolean = () => true,
  ): Promise<Timed> {
    const { tenants, records, keyOf, change, announce } = this.#options;
    const tenantAt = (index: number): Tenant => tenants[index % tenants.length] as Tenant;
    this.#arrived = [];
    this.#waiting.clear();
    await atRate(perSecond, seconds, async (index) => {
      const tenant = tenantAt(index);
      const record = 1 + (Math.floor(index / tenants.length) % records);
      await change(tenant, record, `bench-${run}-${index}`);
      const key = keyOf(tenant, record);
      const waiting = this.#waiting.get(key) ?? [];
      this.#waiting.set(key, waiting);
      waiting.push({ index, at: performance.now(), tenant });
      await announce?.(tenant, record);
    });
    const wanted = Array.from({ length: perSecond * seconds }, (_, index) => tenantAt(index)).filter(counts).length;
    await untilCount(() => this.#arrived.filter(({ tenant }) => counts(tenant)).length, wanted, 'events', 90);
    return summary(this.#arrived.filter(({ tenant }) => counts(tenant)).map(({ ms }) => ms));
  }

  /** Waits for the events of all changes, those of tenants that did not count among them. */
  async drained(forSeconds: number): Promise<void> {
    const end = Date.now() + forSeconds * 1000;
    const left = () => [...this.#waiting.values()].reduce((sum, changes) => sum + changes.length, 0);
    while (left() > 0) {
      if (Date.now() > end) throw new Error(`${left()} changes have no event after ${forSeconds} s`);
      await delay(100);
    }
  }

  #event(key: string, value: { record?: Record<string, unknown> } | null): void {
    this.#seen.add(key);
    const mark = value?.record?.[this.#options.member];
    const index = Number(/^bench-\d+-(\d+)$/.exec(typeof mark === 'string' ? mark : '')?.[1] ?? Number.NaN);
    const waiting = this.#waiting.get(key);
    if (waiting === undefined || Number.isNaN(index)) return;
    const now = performance.now();
    while (waiting[0] !== undefined && waiting[0].index <= index) {
      const { at, tenant } = waiting.shift() as Change<Tenant>;
      this.#arrived.push({ tenant, ms: now - at });
    }
  }
}
