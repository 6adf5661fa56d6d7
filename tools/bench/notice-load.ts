import { setTimeout as delay } from 'node:timers/promises';
import { Pool } from 'undici';
import { partitionOf, recordTopic, webhookSigningKey, webhookUrl } from '#contracts';
import type { RelayKafka } from '#kafka';
import type { BenchTenant } from './seed-tenants.ts';
import { percentile, rounded } from './statistics.ts';
import { untilCount, type SyncWorld } from './sync-world.ts';

export interface Timed {
  readonly p50: number;
  readonly p99: number;
}

function summary(latencies: readonly number[]): Timed {
  return { p50: rounded(percentile(latencies, 50), 1), p99: rounded(percentile(latencies, 99), 1) };
}

/** Starts something `perSecond` times a second for `seconds`, without waiting for the last one, and waits for all. */
async function atRate(perSecond: number, seconds: number, start: (index: number) => Promise<void>): Promise<void> {
  const running: Promise<void>[] = [];
  const began = performance.now();
  for (let index = 0; index < perSecond * seconds; index++) {
    const early = began + (index * 1000) / perSecond - performance.now();
    if (early > 1) await delay(early);
    running.push(start(index));
  }
  await Promise.all(running);
}

/** What this machine's Kafka alone needs from a send to a reader, at the same rate. */
export async function kafkaAlone(kafka: RelayKafka, perSecond: number, seconds: number): Promise<Timed> {
  const sentAt = new Map<string, number>();
  const latencies: number[] = [];
  const run = `alone-${performance.now()}`;
  const reader = kafka.tableReader({
    topics: ['notice.v1'],
    from: 'end',
    onBatch: ({ messages }) => {
      for (const { key } of messages) {
        const at = sentAt.get(key);
        if (at !== undefined) latencies.push(performance.now() - at);
      }
    },
  });
  await reader.loaded;
  await atRate(perSecond, seconds, async (index) => {
    const key = `${run}-${index}`;
    sentAt.set(key, performance.now());
    const partition = partitionOf(key, kafka.partitions);
    await kafka.producer('control').send({ topic: 'notice.v1', partition, key, value: null });
  });
  await untilCount(() => latencies.length, perSecond * seconds, 'messages of Kafka alone');
  await reader.close();
  return summary(latencies);
}

interface Change {
  readonly index: number;
  readonly at: number;
  readonly tenant: BenchTenant;
}

/** Changes records in the simulator and announces each to the gateway; the time runs from the webhook to the event. */
export class NoticeLoad {
  /** By record: changes that no event has shown yet, in order. A later change's event shows the earlier ones too. */
  readonly #waiting = new Map<string, Change[]>();
  readonly #seen = new Set<string>();
  #arrived: { tenant: BenchTenant; ms: number }[] = [];
  #failed: string | null = null;
  readonly #simulator: Pool;
  readonly #gateway: Pool;
  readonly #gatewayUrl: string;
  readonly #host: string;
  readonly #tenants: readonly BenchTenant[];
  readonly #records: number;
  readonly #key: ReturnType<typeof webhookSigningKey>;

  constructor(world: SyncWorld, tenants: readonly BenchTenant[], records: number, webhookKeys: string) {
    this.#gatewayUrl = `http://127.0.0.1:${world.gateway?.port}`;
    this.#simulator = new Pool(world.simulator.url, { connections: 32 });
    this.#gateway = new Pool(this.#gatewayUrl, { connections: 32 });
    this.#host = new URL(world.simulator.url).host;
    this.#tenants = tenants;
    this.#records = records;
    this.#key = webhookSigningKey(webhookKeys.split(',')[0] ?? '');
    world.kafka.tableReader({
      topics: [recordTopic('provet', 'client')],
      onBatch: ({ messages }) => {
        for (const { key, value } of messages) this.#event(key, value as { record: { firstname?: string } });
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
    counts: (tenant: BenchTenant) => boolean = () => true,
  ): Promise<Timed> {
    this.#arrived = [];
    this.#waiting.clear();
    await atRate(perSecond, seconds, async (index) => {
      const tenant = this.#tenants[index % this.#tenants.length] as BenchTenant;
      const id = 1 + (Math.floor(index / this.#tenants.length) % this.#records);
      await this.#change(tenant, id, `bench-${run}-${index}`);
      const key = `${tenant.tenantId}/${id}`;
      const waiting = this.#waiting.get(key) ?? [];
      this.#waiting.set(key, waiting);
      waiting.push({ index, at: performance.now(), tenant });
      await this.#announce(tenant, id);
    });
    if (this.#failed !== null) throw new Error(this.#failed);
    const wanted = Array.from(
      { length: perSecond * seconds },
      (_, index) => this.#tenants[index % this.#tenants.length],
    ).filter((tenant) => counts(tenant as BenchTenant)).length;
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

  async close(): Promise<void> {
    await Promise.all([this.#simulator.close(), this.#gateway.close()]);
  }

  #event(key: string, value: { record: { firstname?: string } }): void {
    this.#seen.add(key);
    const index = Number(/^bench-\d+-(\d+)$/.exec(value.record.firstname ?? '')?.[1] ?? Number.NaN);
    const waiting = this.#waiting.get(key);
    if (waiting === undefined || Number.isNaN(index)) return;
    const now = performance.now();
    while (waiting[0] !== undefined && waiting[0].index <= index) {
      const { at, tenant } = waiting.shift() as Change;
      this.#arrived.push({ tenant, ms: now - at });
    }
  }

  async #change(tenant: BenchTenant, id: number, firstname: string): Promise<void> {
    const path = `/_control/provet/tenants/${tenant.provetId}/records/client/${id}?notify=false`;
    const body = JSON.stringify({ firstname });
    const headers = { 'content-type': 'application/json' };
    const answer = await this.#simulator.request({ path, method: 'PATCH', headers, body });
    await answer.body.dump();
    if (answer.statusCode >= 300) this.#failed ??= `the simulator answered ${answer.statusCode} to a change`;
  }

  async #announce(tenant: BenchTenant, id: number): Promise<void> {
    const url = new URL(webhookUrl(this.#gatewayUrl, { ...tenant, host: this.#host }, 1, this.#key));
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const path = url.pathname + url.search;
    const answer = await this.#gateway.request({ path, method: 'POST', headers, body: `client_id=${id}` });
    await answer.body.dump();
    if (answer.statusCode !== 200) this.#failed ??= `a webhook was answered ${answer.statusCode}`;
  }
}
