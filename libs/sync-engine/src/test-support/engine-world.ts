import { randomUUID } from 'node:crypto';
import {
  topicsOf,
  type AuditValue,
  type CompletenessValue,
  type NoticeValue,
  type SyncReplyValue,
  type SyncRequestValue,
  type SyncStatusValue,
  type TenantValue,
  type Trigger,
  type WithdrawalValue,
} from '@relay/contracts';
import { Database, ShardEpochs, openDatabase } from '@relay/database';
import { KafkaGroupServer, RelayKafka, controlMessage, type ReceivedBatch, type TableReader } from '@relay/kafka';
import { Health, Log, Metrics } from '@relay/service-kit';
import { provetTenant, testDatabase, testKafka, until, type TestKafka, type TestScope } from '@relay/testing';
import { engineMigrations } from '../adapters/engine-migrations.js';
import { KafkaRecordLog } from '../adapters/kafka-record-log.js';
import { PostgresStore } from '../adapters/postgres-store.js';
import type { EngineRules } from '../core/engine-rules.js';
import type { EngineConfig } from '../engine-settings.js';
import type { ShardDuty } from '../ports/shard-duty.js';
import { SyncEngine } from '../sync-engine.js';
import { syncStrategies } from '../sync-strategies.js';
import { TokenTable } from '../tokens/token-table.js';
import type { ScriptedVendor } from './scripted-vendor.js';

const CONFIG: EngineConfig = {
  laneConcurrency: 16,
  laneSlowConcurrency: 16,
  eventPrevious: true,
  eventMaxBytes: 900_000,
  tenantConcurrency: 4,
  consumeNotices: true,
  tokenPrivateJwks: '',
  httpAttemptTimeoutMs: 5_000,
  breakerFailures: 3,
  backoffMinMs: 50,
  backoffMaxMs: 500,
};

/** Short periods: what takes a minute in a practice takes a moment here. */
export const QUICK: Partial<EngineRules> = {
  graceMs: 400,
  overlapMs: 60_000,
  olderAnswerMs: 300,
  visibilityLooksMs: [100, 200],
  absenceRecheckMs: 300,
  forbiddenProbeMs: 500,
  parkedRetryMs: 30_000,
  tenantProbeMs: 500,
  tokenRetryMs: 500,
  statusDirtyMs: 100,
  purgeTickMs: 100,
};

/** An event as a consumer sees it. */
export interface SeenEvent {
  readonly topic: string;
  readonly key: string;
  readonly value: Record<string, unknown> | null;
  readonly headers: Readonly<Record<string, string>>;
  readonly partition: number;
  readonly offset: bigint;
  readonly at: number;
}

type Source = Awaited<ReturnType<typeof openDatabase>>;

interface Running {
  readonly engine: SyncEngine;
  readonly servers: KafkaGroupServer[];
  readonly kafka: RelayKafka;
  readonly source: Source;
}

/** One relay for a test: real Kafka, real Postgres, a scripted vendor, and engines that come and go. */
export class EngineWorld {
  readonly events: SeenEvent[] = [];
  /** Lines that the engines logged as errors: none is expected. */
  readonly errors: string[] = [];
  readonly statuses = new Map<string, SyncStatusValue>();
  /** Last value of each key of `completeness.v1`. */
  readonly completeness = new Map<string, CompletenessValue>();
  /** Last value of each key of `withdrawal.v1`. */
  readonly farewells = new Map<string, WithdrawalValue>();
  readonly audits: AuditValue[] = [];
  readonly replies: SyncReplyValue[] = [];
  private readonly running = new Set<Running>();
  private reader: TableReader | null = null;

  private constructor(
    readonly settings: TestKafka['settings'],
    readonly databaseUrl: string,
    readonly vendor: ScriptedVendor,
    readonly kafka: RelayKafka,
    readonly database: Database,
    private readonly source: Source,
  ) {}

  static async create(scope: TestScope, vendor: ScriptedVendor): Promise<EngineWorld> {
    const { settings } = await testKafka(scope);
    const { url } = await testDatabase(scope, 'provet-sync');
    const log = quietLog([]);
    const source = await openDatabase({ ...databaseOptions(url), log, health: new Health() });
    const kafka = new RelayKafka({ service: 'console', settings, topics: topics(vendor), log });
    const world = new EngineWorld(settings, url, vendor, kafka, new Database(source), source);
    scope.onTestFinished(() => world.close());
    await kafka.topicsReady();
    world.reader = kafka.tableReader({
      topics: [
        ...vendor.resources.map(({ name }) => `provet.${name}.v1`),
        'sync-status.v1',
        'withdrawal.v1',
        'audit.v1',
        'sync-reply.v1',
        'completeness.v1',
      ],
      onBatch: (batch) => world.onBatch(batch),
    });
    return world;
  }

  /** Starts an engine; several share the work as processes would. */
  async start(
    options: { config?: Partial<EngineConfig>; rules?: Partial<EngineRules>; duties?: readonly ShardDuty[] } = {},
  ): Promise<Running> {
    const log = quietLog(this.errors);
    const health = new Health();
    const metrics = new Metrics();
    const source = await openDatabase({ ...databaseOptions(this.databaseUrl), log, health });
    const kafka = new RelayKafka({
      service: 'provet-sync',
      settings: this.settings,
      topics: topics(this.vendor),
      log,
      health,
      metrics,
    });
    const database = new Database(source);
    const engine = new SyncEngine({
      service: 'provet-sync',
      connector: this.vendor,
      duties: options.duties ?? [],
      config: { ...CONFIG, ...options.config },
      recordLog: new KafkaRecordLog(kafka, 'provet-sync'),
      store: new PostgresStore(database, new ShardEpochs(database, 'provet-sync'), kafka.partitions),
      tokens: new TokenTable(kafka, '', log),
      log,
      health,
      metrics,
      rules: { ...QUICK, ...options.rules },
    });
    const parts = new Map<unknown, unknown>([
      [SyncEngine, engine],
      [RelayKafka, kafka],
      [Log, log],
      [Health, health],
      [Metrics, metrics],
    ]);
    const servers = syncStrategies({ get: (token: unknown) => parts.get(token) } as Parameters<
      typeof syncStrategies
    >[0]);
    engine.start();
    for (const server of servers) server.listen(() => undefined);
    const running = { engine, servers, kafka, source };
    this.running.add(running);
    await until(
      'the engine is a member of its groups',
      () => servers.every((server) => server.check().status === 'up'),
      {
        timeoutMs: 30_000,
      },
    );
    return running;
  }

  /** Ends an engine in order. */
  async stop(running: Running): Promise<void> {
    if (!this.running.delete(running)) return;
    running.engine.stopWorking();
    await Promise.all(running.servers.map((server) => server.close()));
    await running.engine.close();
    await running.kafka.close();
    if (running.source.isInitialized) await running.source.destroy();
  }

  async tenant(over: Partial<TenantValue> = {}): Promise<TenantValue> {
    const tenant = provetTenant(over);
    const { tenantId } = tenant;
    await this.kafka
      .producer('control')
      .send(controlMessage(this.kafka.partitions, 'tenant.v1', tenantId, tenantId, tenant));
    return tenant;
  }

  async notice(tenantId: string, recordId: number | string, over: Partial<NoticeValue> = {}): Promise<void> {
    const value: NoticeValue = {
      noticeId: randomUUID(),
      tenantId,
      trigger: 1 satisfies Trigger['number'],
      resource: 'client',
      recordId: String(recordId),
      receivedAt: new Date().toISOString(),
      ...over,
    };
    await this.kafka
      .producer('control')
      .send(controlMessage(this.kafka.partitions, 'notice.v1', tenantId, tenantId, value));
  }

  /** As the registry sends what an operator asks. Returns the request's id. */
  async request(tenantId: string, kind: string, over: Partial<SyncRequestValue> = {}): Promise<string> {
    const requestId = randomUUID();
    const none = { resource: null, recordIds: null, from: null, to: null, reason: null, deadline: null };
    const by = { requestedBy: 'operator:test', at: new Date().toISOString() };
    const value = { requestId, tenantId, kind, ...none, ...by, ...over };
    await this.kafka
      .producer('control')
      .send(controlMessage(this.kafka.partitions, 'sync-request.v1', tenantId, tenantId, value));
    return requestId;
  }

  /** The last answer to a request. */
  reply(requestId: string, status: SyncReplyValue['status'] = 'done'): Promise<SyncReplyValue> {
    return until(`request ${requestId} is ${status}`, () => {
      const replies = this.replies.filter((reply) => reply.requestId === requestId);
      const found = replies.find((reply) => reply.status === status);
      if (found === undefined && replies.length > 0) throw new Error(JSON.stringify(replies.at(-1)));
      return found;
    });
  }

  /** Asks about one record and waits for the answer. */
  async ask(tenantId: string, kind: 'lookup' | 'verify', recordId: number | string, resource = 'client') {
    return this.reply(await this.request(tenantId, kind, { resource, recordIds: [String(recordId)] }));
  }

  /** Events of one record, in order. */
  eventsOf(tenantId: string, recordId: number | string, resource = 'client'): SeenEvent[] {
    const key = `${tenantId}/${recordId}`;
    return this.events.filter((event) => event.key === key && event.topic === `provet.${resource}.v1`);
  }

  last(tenantId: string, recordId: number | string): SeenEvent | undefined {
    return this.eventsOf(tenantId, recordId).at(-1);
  }

  status(tenantId: string, resource = 'client'): SyncStatusValue | undefined {
    return this.statuses.get(`${tenantId}/${resource}`);
  }

  /** Waits until the resource is live. */
  live(tenantId: string, resource = 'client'): Promise<SyncStatusValue> {
    return until(`${resource} of ${tenantId} is live`, () => {
      const status = this.status(tenantId, resource);
      return status?.phase === 'live' ? status : null;
    });
  }

  /** Waits for a counter of the status. */
  counted(tenantId: string, what: Partial<SyncStatusValue['counters']>, timeoutMs = 15_000): Promise<unknown> {
    return until(
      `counters ${JSON.stringify(what)}`,
      () => {
        const counters = this.status(tenantId)?.counters;
        if (counters === undefined) throw new Error('no status yet');
        const matches = Object.entries(what).every(([name, value]) => counters[name] === value);
        if (!matches) throw new Error(JSON.stringify(counters));
        return true;
      },
      { timeoutMs },
    );
  }

  private async close(): Promise<void> {
    for (const running of this.running) await this.stop(running);
    await this.reader?.close();
    await this.kafka.close();
    if (this.source.isInitialized) await this.source.destroy();
    if (this.errors.length > 0) throw new Error(`the engine logged errors: ${this.errors.join('')}`);
  }

  private onBatch(batch: ReceivedBatch<unknown>): void {
    for (const { key, value, headers, partition, offset } of batch.messages) {
      if (batch.topic === 'sync-status.v1') {
        if (value === null) this.statuses.delete(key);
        else this.statuses.set(key, value as SyncStatusValue);
      } else if (batch.topic === 'completeness.v1') this.completeness.set(key, value as CompletenessValue);
      else if (batch.topic === 'withdrawal.v1') this.farewells.set(key, value as WithdrawalValue);
      else if (batch.topic === 'sync-reply.v1') this.replies.push(value as SyncReplyValue);
      else if (batch.topic === 'audit.v1') this.audits.push(value as AuditValue);
      else {
        const event = { topic: batch.topic, key, headers, partition, offset, at: Date.now() };
        this.events.push({ ...event, value: value as Record<string, unknown> | null });
      }
    }
  }
}

function topics(vendor: ScriptedVendor) {
  return topicsOf(
    'provet-sync',
    vendor.resources.map(({ name }) => name),
  );
}

function databaseOptions(url: string) {
  return { service: 'provet-sync' as const, url, poolSize: 6, byKey: true, migrations: engineMigrations };
}

function quietLog(errors: string[]): Log {
  const write = (line: string) => void errors.push(line);
  return Log.create({ service: 'provet-sync', level: 'error', format: 'json', write });
}
