import { setTimeout as delay } from 'node:timers/promises';
import { partitionOf, topicsOf, webhookSigningKey, webhookUrl, recordTopic } from '#contracts';
import { RelayKafka } from '#kafka';
import type { Bench, BenchWorld } from './bench.ts';
import { benchKafkaSettings } from './kafka-settings.ts';
import { benchPort, startService } from './processes.ts';
import type { BenchFigure } from './report.ts';
import { seedTenants, type BenchTenant } from './seed-tenants.ts';
import { median, percentile, rounded } from './statistics.ts';
import { startChild } from '../local/start/child.ts';
import { untilReady } from '../local/start/readiness.ts';

const TENANTS = 200;
const RECORDS = 20;
const FIRST_TENANT = 8101;
const PER_SECOND = 100;
const SECONDS = 30;
const PAIRS = 3;
const TOPIC = recordTopic('provet', 'client');

interface Timed {
  readonly p50: number;
  readonly p99: number;
}

/** Starts something `PER_SECOND` times a second for `SECONDS`, without waiting for the last one, and waits for all. */
async function atRate(start: (index: number) => Promise<void>): Promise<void> {
  const running: Promise<void>[] = [];
  const began = performance.now();
  for (let index = 0; index < PER_SECOND * SECONDS; index++) {
    const due = began + (index * 1000) / PER_SECOND;
    const early = due - performance.now();
    if (early > 1) await delay(early);
    running.push(start(index));
  }
  await Promise.all(running);
}

function summary(latencies: readonly number[]): Timed {
  return { p50: rounded(percentile(latencies, 50), 1), p99: rounded(percentile(latencies, 99), 1) };
}

/** What this machine's Kafka alone needs from a send to a reader, at the same rate. */
async function kafkaAlone(kafka: RelayKafka): Promise<Timed> {
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
  await atRate(async (index) => {
    const key = `${run}-${index}`;
    sentAt.set(key, performance.now());
    const partition = partitionOf(key, kafka.partitions);
    await kafka.producer('control').send({ topic: 'notice.v1', partition, key, value: null });
  });
  await untilCount(() => latencies.length, PER_SECOND * SECONDS, 'messages of Kafka alone');
  await reader.close();
  return summary(latencies);
}

async function untilCount(count: () => number, wanted: number, what: string, forSeconds = 60): Promise<void> {
  const end = Date.now() + forSeconds * 1000;
  while (count() < wanted) {
    if (Date.now() > end) throw new Error(`${count()} of ${wanted} ${what} after ${forSeconds} s`);
    await delay(50);
  }
}

/** Changes records in the simulator and announces each to the gateway; the time runs from the webhook to the event. */
class Relay {
  readonly #arrived = new Map<string, number>();
  readonly #seen = new Set<string>();
  private readonly simulator: string;
  private readonly gateway: string;
  private readonly tenants: readonly BenchTenant[];
  private readonly key: ReturnType<typeof webhookSigningKey>;

  constructor(
    kafka: RelayKafka,
    simulator: string,
    gateway: string,
    tenants: readonly BenchTenant[],
    key: ReturnType<typeof webhookSigningKey>,
  ) {
    // Written out: tools run from source, with types stripped, where parameters cannot be members as well.
    this.simulator = simulator;
    this.gateway = gateway;
    this.tenants = tenants;
    this.key = key;
    kafka.tableReader({
      topics: [TOPIC],
      onBatch: ({ messages }) => {
        for (const { key: recordKey, value } of messages) {
          this.#seen.add(recordKey);
          const { record } = value as { record: { firstname?: string } };
          if (record.firstname !== undefined) this.#arrived.set(record.firstname, performance.now());
        }
      },
    });
  }

  get recordsSeen(): number {
    return this.#seen.size;
  }

  async timed(run: number): Promise<Timed> {
    const startedAt = new Map<string, number>();
    await atRate(async (index) => {
      const marker = `bench-${run}-${index}`;
      const tenant = this.tenants[index % this.tenants.length] as BenchTenant;
      const id = 1 + (Math.floor(index / this.tenants.length) % RECORDS);
      await this.#change(tenant, id, marker);
      startedAt.set(marker, performance.now());
      await this.#announce(tenant, id);
    });
    await untilCount(() => [...startedAt.keys()].filter((m) => this.#arrived.has(m)).length, startedAt.size, 'events');
    return summary([...startedAt].map(([marker, at]) => (this.#arrived.get(marker) ?? Number.NaN) - at));
  }

  async #change(tenant: BenchTenant, id: number, firstname: string): Promise<void> {
    const path = `/_control/provet/tenants/${tenant.provetId}/records/client/${id}?notify=false`;
    const body = JSON.stringify({ firstname });
    const headers = { 'content-type': 'application/json' };
    const response = await fetch(this.simulator + path, { method: 'PATCH', headers, body });
    if (!response.ok) throw new Error(`the simulator answered ${response.status} to a change`);
    await response.arrayBuffer();
  }

  async #announce(tenant: BenchTenant, id: number): Promise<void> {
    const host = new URL(this.simulator).host;
    const url = webhookUrl(this.gateway, { ...tenant, host }, 1, this.key);
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const response = await fetch(url, { method: 'POST', headers, body: `client_id=${id}` });
    if (response.status !== 200) throw new Error(`a webhook was answered ${response.status}`);
    await response.arrayBuffer();
  }
}

async function startSimulator({ env, folder }: BenchWorld) {
  const [port, exactPort] = [await benchPort(), await benchPort()];
  const child = startChild('simulator', ['local/simulator'], {
    logFolder: `${folder}/logs`,
    least: () => 'error',
    env: {
      ...env,
      PROVET_SIMULATOR_PORT: String(port),
      EXACT_SIMULATOR_PORT: String(exactPort),
      SIMULATOR_TENANTS: String(TENANTS),
      SIMULATOR_PRACTICES: '0',
      SIMULATOR_RECORDS: String(RECORDS),
      SIMULATOR_HOOKUP_URL: '',
    },
  });
  const url = `http://127.0.0.1:${port}`;
  await untilReady(child, url);
  return { child, url };
}

/** Webhook to record event at a steady rate over many tenants. */
export const noticeBench: Bench = {
  name: 'notice',
  async run(world) {
    const { folder, say } = world;
    const simulator = await startSimulator(world);
    const env: NodeJS.ProcessEnv = {
      ...world.env,
      PROVET_ALLOW_HTTP: 'true',
      PROVET_ALLOWED_HOSTS: new URL(simulator.url).host,
      PROVET_RESOURCES: 'client',
      PROVET_WEBHOOKS: 'manual',
      PROVET_RECONCILE_SECONDS: '86400',
      PROVET_BUDGET_SHARE: '0',
    };
    const settings = benchKafkaSettings(env['KAFKA_BROKERS'] ?? '', env['TOPIC_PREFIX'] ?? '');
    const kafka = new RelayKafka({ service: 'provet-sync', settings, topics: topicsOf('provet-sync', ['client']) });
    await kafka.topicsReady();
    const gateway = await startService(folder, 'gateway', env);
    const sync = await startService(folder, 'provet-sync', env);
    const alone: Timed[] = [];
    const relayed: Timed[] = [];
    try {
      const ids = Array.from({ length: TENANTS }, (_, index) => FIRST_TENANT + index);
      const tenants = await seedTenants(kafka, simulator.url, ids, env['PROVET_TOKEN_PUBLIC_JWKS'] ?? '');
      const key = webhookSigningKey((env['WEBHOOK_KEYS'] ?? '').split(',')[0] ?? '');
      const relay = new Relay(kafka, simulator.url, `http://127.0.0.1:${gateway.port}`, tenants, key);
      await untilCount(() => relay.recordsSeen, TENANTS * RECORDS, 'records of the first reading', 240);
      say(`${TENANTS} tenants have been read`);
      for (let pair = 1; pair <= PAIRS; pair++) {
        alone.push(await kafkaAlone(kafka));
        relayed.push(await relay.timed(pair));
        say(
          `pair ${pair}: Kafka alone ${JSON.stringify(alone.at(-1))}, notice to event ${JSON.stringify(relayed.at(-1))}`,
        );
      }
    } finally {
      await sync.child.stop(10_000);
      await gateway.child.stop(10_000);
      await simulator.child.stop(3_000);
      await kafka.close();
    }
    return { what: describe(), figures: figures(alone, relayed), notes: [] };
  },
};

function describe(): string {
  return (
    `Webhook at the gateway to record event at a consumer, ${PER_SECOND}/s over ${TENANTS} tenants for ${SECONDS} s, one provet-sync process, ` +
    'simulated vendor that answers at once, beside a message through the same Kafka alone at the same rate. ' +
    `Load, vendor, broker, database and services share the machine. ${PAIRS} alternating pairs.`
  );
}

function figures(alone: readonly Timed[], relayed: readonly Timed[]): BenchFigure[] {
  const row = (name: string, runs: readonly number[], aim?: number): BenchFigure => ({
    name,
    unit: 'ms',
    median: median(runs),
    runs,
    ...(aim === undefined ? {} : { aim: `< ${aim} ms`, reached: median(runs) < aim }),
  });
  return [
    row(
      'Kafka alone, p50',
      alone.map(({ p50 }) => p50),
    ),
    row(
      'Kafka alone, p99',
      alone.map(({ p99 }) => p99),
    ),
    row(
      'notice to event, p50',
      relayed.map(({ p50 }) => p50),
      100,
    ),
    row(
      'notice to event, p99',
      relayed.map(({ p99 }) => p99),
      500,
    ),
  ];
}
