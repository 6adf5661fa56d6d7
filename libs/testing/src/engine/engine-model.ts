import type { NoticeValue, SyncRequestKind, SyncRequestValue, TenantValue } from '@relay/contracts';
import { controlMessage } from '@relay/kafka';
import { Health, Metrics } from '@relay/service-kit';
import {
  SyncEngine,
  type Connector,
  type EngineConfig,
  type EngineRules,
  type EngineStore,
  type RecordLog,
  type ShardDuty,
  type TokenFeed,
} from '@relay/sync-engine';
import { Seeded } from '@relay/vendor-twins';
import { MemoryDatabase } from './memory-database.js';
import { MemoryGroups, type GroupMember } from './memory-groups.js';
import { MemoryLog } from './memory-log.js';
import { MemoryRecordLog } from './memory-record-log.js';
import { VirtualClock, type VirtualProcess } from './virtual-clock.js';

export interface EngineModelOptions {
  /** Default: provet-sync. */
  readonly service?: 'provet-sync' | 'exact-sync';
  readonly seed: string;
  /** Default: noon of a day like any other. */
  readonly startAt?: number;
  readonly partitions?: number;
  readonly config?: Partial<EngineConfig>;
  readonly rules?: Partial<EngineRules>;
  /** How long a question takes to the database, and a message to the log. */
  readonly latencyMs?: number;
  /** Puts something between the engine and its store, or its log: what a planted fault needs. */
  readonly storeOf?: (store: EngineStore, worker: string) => EngineStore;
  readonly recordLogOf?: (log: RecordLog, worker: string) => RecordLog;
  /** The connector of one process: on the model's clock, which is stopped with the process. */
  connector(process: VirtualProcess): Connector;
  /** Work of one process that belongs to no tenant's lane. Absent: there is none. */
  duties?(process: VirtualProcess): readonly ShardDuty[];
  /** Where one process hears of new tokens. Absent: there are none. */
  tokens?(process: VirtualProcess): TokenFeed;
}

const NO_TOKENS: TokenFeed = {
  isLoaded: true,
  onChange: () => undefined,
  start: () => undefined,
  close: async () => undefined,
};

const CONFIG: EngineConfig = {
  laneConcurrency: 64,
  laneSlowConcurrency: 512,
  eventPrevious: false,
  eventMaxBytes: 900_000,
  tenantConcurrency: 4,
  consumeNotices: true,
  tokenPrivateJwks: '',
  httpAttemptTimeoutMs: 20_000,
  breakerFailures: 5,
  backoffMinMs: 1_000,
  backoffMaxMs: 900_000,
};

/** What looks around every second in a service does so less often here: it costs the model time and tells nothing. */
const CALM: Partial<EngineRules> = { statusDirtyMs: 15_000, purgeTickMs: 15_000, requestTickMs: 2_000 };
const CALM_PACE = { lookMs: 5_000 };
const REPAIR_MS = 5_000;

/** A line of an engine's log that somebody should look at. */
export interface ModelComplaint {
  readonly at: number;
  readonly process: string;
  readonly level: 'warn' | 'error';
  readonly message: string;
  readonly fields: object;
}

/** A process of the service in the model. */
export interface ModelWorker {
  readonly name: string;
  readonly engine: SyncEngine;
  readonly process: VirtualProcess;
  /** What it counts. */
  readonly metrics: Metrics;
  /** Gets a shard, as a rebalance gives it. */
  assign(shard: number): void;
  /** Loses a shard, as a rebalance takes it: the process is told of it. */
  revoke(shard: number): void;
  /** Reads back what the service publishes; who does so is as much the group's choice as who holds a shard. */
  readBack(): void;
  /** As SIGSTOP: it does nothing and hears nothing, and knows of nothing when it goes on. */
  stop(): void;
  resume(): void;
  /** As SIGKILL. */
  kill(): void;
}

/**
 * A sync engine at work on a virtual clock: real engine, real decisions, database, log and consumer groups in memory. The
 * same options and calls give the same run, to the last byte of the log.
 */
export class EngineModel {
  readonly clock: VirtualClock;
  readonly database: MemoryDatabase;
  readonly log: MemoryLog;
  readonly groups: MemoryGroups;
  readonly complaints: ModelComplaint[] = [];
  /** Runs at every fault point of every engine; what it returns is waited for. */
  onFaultPoint: (point: string, worker: string) => Promise<void> | void = () => undefined;
  private readonly workers = new Map<string, ModelWorker>();
  private ids = 0;

  constructor(private readonly options: EngineModelOptions) {
    this.clock = new VirtualClock(options.startAt ?? Date.parse('2026-11-26T12:00:00Z'));
    const partitions = options.partitions ?? 1;
    this.database = new MemoryDatabase({ partitions, clock: this.clock });
    this.log = new MemoryLog({ partitions, now: this.clock.now });
    this.groups = new MemoryGroups(this.log, (member, error) => {
      const [worker] = [...this.workers.values()].filter(({ engine }) => engine === member.engine);
      this.complain(worker?.name ?? '', 'error', { err: error }, 'a handler has failed');
    });
  }

  /** Starts a process. It holds no shard and reads nothing back before it is told to. */
  start(name = `worker-${this.workers.size + 1}`): ModelWorker {
    const process = this.clock.process();
    const metrics = new Metrics();
    const engine = this.engineOf(name, process, metrics);
    const worker = workerOf(name, { engine, process }, metrics, this.groups);
    this.workers.set(name, worker);
    engine.start();
    return worker;
  }

  /** Puts a tenant's state into the log, as the registry does. */
  tenant(tenant: TenantValue): TenantValue {
    const { tenantId } = tenant;
    this.log.append(controlMessage(this.log.partitions, 'tenant.v1', tenantId, tenantId, tenant));
    return tenant;
  }

  /** Puts a notice into the log, as the gateway does. */
  notice(notice: Pick<NoticeValue, 'tenantId' | 'trigger' | 'resource' | 'recordId'>): void {
    const receivedAt = new Date(this.clock.now()).toISOString();
    const value = { noticeId: this.newId(), receivedAt, ...notice };
    this.log.append(controlMessage(this.log.partitions, 'notice.v1', notice.tenantId, notice.tenantId, value));
  }

  /** Puts what an operator asks into the log, as the registry does. Returns the request's id. */
  ask(
    tenantId: string,
    kind: SyncRequestKind,
    about: Partial<Pick<SyncRequestValue, 'resource' | 'recordIds'>>,
  ): string {
    const requestId = this.newId();
    const none = { resource: null, recordIds: null, from: null, to: null, reason: null, deadline: null };
    const by = { requestedBy: 'operator:model', at: new Date(this.clock.now()).toISOString() };
    const value: SyncRequestValue = { requestId, tenantId, kind, ...none, ...by, ...about };
    this.log.append(controlMessage(this.log.partitions, 'sync-request.v1', tenantId, tenantId, value));
    return requestId;
  }

  run(ms: number): Promise<void> {
    return this.clock.run(ms);
  }

  /** A number from 0 up to 1 that depends on the seed, a name and how often it was asked. */
  random(name: string): () => number {
    const seeded = new Seeded(this.options.seed, name);
    return () => seeded.next();
  }

  private engineOf(name: string, process: VirtualProcess, metrics: Metrics): SyncEngine {
    const { service = 'provet-sync', config, rules, latencyMs = 1, storeOf, recordLogOf } = this.options;
    const store = this.database.connect(() => process.pause(latencyMs));
    const readBackPositions = (topic: string): Map<number, bigint> => this.groups.readBackPositions(topic);
    const noticePosition = (shard: number): bigint => this.groups.noticePosition(service, shard);
    const recordLog = new MemoryRecordLog({
      log: this.log,
      process,
      name,
      latencyMs,
      readBackPositions,
      noticePosition,
    });
    const note =
      (level: ModelComplaint['level']) =>
      (fields: object, message: string): void =>
        this.complain(name, level, fields, message);
    return new SyncEngine({
      service,
      connector: this.options.connector(process),
      duties: this.options.duties?.(process) ?? [],
      config: { ...CONFIG, ...config },
      store: storeOf?.(store, name) ?? store,
      recordLog: recordLogOf?.(recordLog, name) ?? recordLog,
      tokens: this.options.tokens?.(process) ?? NO_TOKENS,
      log: { debug: () => undefined, info: () => undefined, warn: note('warn'), error: note('error') },
      health: new Health(),
      metrics,
      rules: { ...CALM, ...rules },
      surroundings: {
        clock: process,
        random: this.random(name),
        newId: () => this.newId(),
        traceparent: () => `00-${this.newId().replaceAll('-', '')}-0000000000000001-00`,
        fault: async (point) => this.onFaultPoint(point, name),
        statePace: CALM_PACE,
        repairMs: REPAIR_MS,
      },
    });
  }

  private complain(process: string, level: ModelComplaint['level'], fields: object, message: string): void {
    this.complaints.push({ at: this.clock.now(), process, level, message, fields });
  }

  /** Ids in the form of a UUID, one after the other. */
  private newId(): string {
    this.ids += 1;
    return `00000000-0000-4000-8000-${this.ids.toString(16).padStart(12, '0')}`;
  }
}

function workerOf(name: string, member: GroupMember, metrics: Metrics, groups: MemoryGroups): ModelWorker {
  const { engine, process } = member;
  let endReadBack: (() => void) | null = null;
  return {
    name,
    engine,
    process,
    metrics,
    assign: (shard) => groups.assign(member, shard),
    revoke: (shard) => groups.revoke(member, shard),
    readBack: () => {
      endReadBack?.();
      endReadBack = groups.readBack(member);
    },
    stop: () => {
      // The group gives what it read to somebody else; it does not hear of that.
      endReadBack?.();
      endReadBack = null;
      process.stop();
    },
    resume: () => process.resume(),
    kill: () => {
      endReadBack?.();
      process.end();
    },
  };
}
