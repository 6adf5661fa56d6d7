import { EXACT_RESOURCES, exactScopesWanted, topicsOf, type ExactResource, type SyncStatusValue } from '#contracts';
import { RelayKafka } from '#kafka';
import { Pool } from 'undici';
import type { BenchWorld } from './bench.ts';
import { benchKafkaSettings } from './kafka-settings.ts';
import { startService, type BenchService } from './processes.ts';
import { practiceTenantId, seedPractices } from './seed-practices.ts';
import { forSome, startSimulator, untilCount } from './sync-world.ts';

const RESOURCES: readonly ExactResource[] = ['practice', 'appointment'];
const CLIENT = { id: 'practice-relay', secret: 'only-for-the-simulator' };
const DAY = 86_400_000;

/** A practice with the one appointment of it that changes. */
export interface BenchPractice {
  readonly practiceId: string;
  /** From 0 on. */
  readonly number: number;
  readonly tenantId: string;
  /** In lower case, as in keys. */
  readonly appointment: string;
}

/** The simulator of EXACT and one exact-sync, whose practices are live. */
export class PracticeWorld {
  /** The newest status of appointments of each practice. */
  readonly statuses = new Map<string, SyncStatusValue>();
  /** All that was said of appointments since it was last looked at. */
  said: SyncStatusValue[] = [];
  readonly practices: BenchPractice[] = [];

  readonly kafka: RelayKafka;
  readonly #control: Pool;

  constructor(kafka: RelayKafka, control: Pool) {
    this.kafka = kafka;
    this.#control = control;
    kafka.tableReader({
      topics: ['sync-status.v1'],
      onBatch: ({ messages }) => {
        for (const { value } of messages) {
          const status = value as SyncStatusValue | null;
          if (status === null || status.resource !== 'appointment') continue;
          this.statuses.set(status.tenantId, status);
          this.said.push(status);
        }
      },
    });
  }

  /** Asks the simulator's control API; returns what it answers. */
  async ask(method: 'GET' | 'POST' | 'PATCH' | 'DELETE', path: string, body?: object): Promise<unknown> {
    const headers = { 'content-type': 'application/json' };
    const answer = await this.#control.request({
      path: `/_control${path}`,
      method,
      ...(body === undefined ? {} : { headers, body: JSON.stringify(body) }),
    });
    const text = await answer.body.text();
    if (answer.statusCode >= 300) throw new Error(`the simulator answered ${answer.statusCode} to ${method} ${path}`);
    return text === '' ? null : (JSON.parse(text) as unknown);
  }

  /** Gives each practice an appointment for tomorrow, before it is read for the first time. */
  async book(practiceIds: readonly string[]): Promise<void> {
    const startDate = new Date(Date.now() + DAY).toISOString();
    await forSome([...practiceIds.entries()], async ([number, practiceId]) => {
      const path = `/exact/practices/${practiceId}/records/appointment`;
      const { id } = (await this.ask('POST', path, { startDate, status: 'Pending' })) as { id: string };
      const tenantId = practiceTenantId(practiceId);
      this.practices.push({ practiceId, number, tenantId, appointment: id.toLowerCase() });
    });
    this.practices.sort((a, b) => a.number - b.number);
  }

  /** How many practices have a phase. */
  count(phase: SyncStatusValue['phase']): number {
    return [...this.statuses.values()].filter((status) => status.phase === phase).length;
  }
}

export async function withPracticeWorld<T>(
  world: BenchWorld,
  options: { readonly practices: number; readonly env: NodeJS.ProcessEnv },
  work: (practices: PracticeWorld) => Promise<T>,
): Promise<T> {
  const { folder } = world;
  const env: NodeJS.ProcessEnv = {
    ...world.env,
    EXACT_CLIENT_ID: CLIENT.id,
    EXACT_CLIENT_SECRET: CLIENT.secret,
  };
  const simulator = await startSimulator({ ...world, env }, { practices: options.practices, records: 0 });
  const syncEnv: NodeJS.ProcessEnv = {
    ...env,
    EXACT_ENVIRONMENT: 'qa',
    EXACT_API_URL: simulator.exactUrl,
    EXACT_AUTHORITY_URL: simulator.exactUrl,
    EXACT_RESOURCES: RESOURCES.join(','),
    EXACT_FAR_SECONDS: '86400',
    EXACT_SWEEP_SECONDS: '86400',
    EXACT_CALLS_PER_PRACTICE_HOUR: '100000',
    ...options.env,
  };
  const settings = benchKafkaSettings(env['KAFKA_BROKERS'] ?? '', env['TOPIC_PREFIX'] ?? '');
  const kafka = new RelayKafka({ service: 'exact-sync', settings, topics: topicsOf('exact-sync', RESOURCES) });
  const control = new Pool(simulator.url, { connections: 32 });
  let sync: BenchService | null = null;
  try {
    await kafka.topicsReady();
    sync = await startService(folder, 'exact-sync', syncEnv);
    const practices = new PracticeWorld(kafka, control);
    const practiceIds = Array.from({ length: options.practices }, (_, index) => `UKSIM${index + 1}`);
    await practices.book(practiceIds);
    await seedPractices(kafka, {
      practiceIds,
      resources: RESOURCES,
      granted: exactScopesWanted(EXACT_RESOURCES),
      publicJwks: env['EXACT_TOKEN_PUBLIC_JWKS'] ?? '',
      exactUrl: simulator.exactUrl,
      client: CLIENT,
    });
    await untilCount(() => practices.count('live'), options.practices, 'practices that are live', 240);
    return await work(practices);
  } finally {
    await sync?.child.stop(10_000);
    await simulator.child.stop(3_000);
    await control.close();
    await kafka.close();
  }
}
