import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { topicsOf } from '#contracts';
import { RelayKafka } from '#kafka';
import type { BenchWorld } from './bench.ts';
import { benchKafkaSettings } from './kafka-settings.ts';
import { benchPort, startService, type BenchService } from './processes.ts';
import { startChild, type Child } from '../local/start/child.ts';
import { untilReady } from '../local/start/readiness.ts';

const FIRST_TENANT = 8101;

interface SyncWorldOptions {
  readonly tenants: number;
  readonly records: number;
  readonly resource: string;
  readonly withGateway: boolean;
  readonly env?: NodeJS.ProcessEnv;
}

/** The simulator, provet-sync and, where asked for, the gateway, as benches of the sync need them: no limits, no reconcile. */
export interface SyncWorld {
  readonly kafka: RelayKafka;
  readonly simulator: { readonly url: string; readonly child: Child };
  readonly sync: BenchService;
  readonly gateway: BenchService | null;
  readonly provetIds: readonly number[];
  readonly publicJwks: string;
  /** Process ids by name, the bench's own among them. */
  readonly pids: Readonly<Record<string, number>>;
}

export async function withSyncWorld<T>(
  world: BenchWorld,
  options: SyncWorldOptions,
  work: (sync: SyncWorld) => Promise<T>,
): Promise<T> {
  const { folder } = world;
  const simulator = await startSimulator(world, options);
  const env: NodeJS.ProcessEnv = {
    ...world.env,
    PROVET_ALLOW_HTTP: 'true',
    PROVET_ALLOWED_HOSTS: new URL(simulator.url).host,
    PROVET_RESOURCES: options.resource,
    PROVET_WEBHOOKS: 'manual',
    PROVET_RECONCILE_SECONDS: '31536000',
    PROVET_SWEEP_SECONDS: '31536000',
    PROVET_BUDGET_SHARE: '0',
    ...options.env,
  };
  const settings = benchKafkaSettings(env['KAFKA_BROKERS'] ?? '', env['TOPIC_PREFIX'] ?? '');
  const kafka = new RelayKafka({
    service: 'provet-sync',
    settings,
    topics: topicsOf('provet-sync', [options.resource]),
  });
  let gateway: BenchService | null = null;
  let sync: BenchService | null = null;
  try {
    await kafka.topicsReady();
    if (options.withGateway) gateway = await startService(folder, 'gateway', env);
    sync = await startService(folder, 'provet-sync', env);
    const pids: Record<string, number> = {
      'provet-sync': sync.child.identity.pid,
      simulator: simulator.child.identity.pid,
      ...(gateway === null ? {} : { gateway: gateway.child.identity.pid }),
      'load and reader': process.pid,
    };
    const provetIds = Array.from({ length: options.tenants }, (_, index) => FIRST_TENANT + index);
    await liftLimits(simulator.url, provetIds);
    return await work({
      kafka,
      simulator,
      sync,
      gateway,
      provetIds,
      publicJwks: env['PROVET_TOKEN_PUBLIC_JWKS'] ?? '',
      pids,
    });
  } finally {
    await sync?.child.stop(10_000);
    await gateway?.child.stop(10_000);
    await simulator.child.stop(3_000);
    await kafka.close();
  }
}

/** The simulator alone, with tenants of Provet or practices of EXACT. */
export async function startSimulator(
  { env, folder }: BenchWorld,
  { tenants = 0, practices = 0, records }: { tenants?: number; practices?: number; records: number },
) {
  const [port, exactPort] = [await benchPort(), await benchPort()];
  const logFolder = join(folder, 'logs');
  mkdirSync(logFolder, { recursive: true });
  const child = startChild('simulator', ['local/simulator'], {
    logFolder,
    least: () => 'error',
    env: {
      ...env,
      PROVET_SIMULATOR_PORT: String(port),
      EXACT_SIMULATOR_PORT: String(exactPort),
      SIMULATOR_TENANTS: String(tenants),
      SIMULATOR_PRACTICES: String(practices),
      SIMULATOR_RECORDS: String(records),
      SIMULATOR_HOOKUP_URL: '',
    },
  });
  const url = `http://127.0.0.1:${port}`;
  await untilReady(child, url);
  return { child, url, exactUrl: `http://127.0.0.1:${exactPort}` };
}

/** The simulated vendor refuses what is above its limits, also where the sync was told of none. */
async function liftLimits(simulator: string, provetIds: readonly number[]): Promise<void> {
  const headers = { 'content-type': 'application/json' };
  const body = JSON.stringify({ limits: false });
  const lift = async (provetId: number): Promise<void> => {
    const url = `${simulator}/_control/provet/tenants/${provetId}/switches`;
    const response = await fetch(url, { method: 'PATCH', headers, body });
    await response.arrayBuffer();
    if (!response.ok) throw new Error(`the simulator answered ${response.status} to the end of its limits`);
  };
  await forSome(provetIds, lift);
}

/** Does something with all, some at a time. */
export async function forSome<T>(all: readonly T[], work: (one: T) => Promise<unknown>, atOnce = 16): Promise<void> {
  for (let from = 0; from < all.length; from += atOnce) await Promise.all(all.slice(from, from + atOnce).map(work));
}

/** Waits for a count; says how far it came when it does not get there. */
export async function untilCount(count: () => number, wanted: number, what: string, forSeconds = 60): Promise<void> {
  const end = Date.now() + forSeconds * 1000;
  while (count() < wanted) {
    if (Date.now() > end) throw new Error(`${count()} of ${wanted} ${what} after ${forSeconds} s`);
    await delay(20);
  }
}

/** Whole numbers of a bench's parameters, the reported run's where none is given. */
export function sizeOf<K extends string>(world: BenchWorld, whole: Readonly<Record<K, number>>): Record<K, number> {
  const entries = Object.entries<number>(whole).map(([name, value]) => [name, Number(world.given.get(name) ?? value)]);
  return Object.fromEntries(entries) as Record<K, number>;
}
