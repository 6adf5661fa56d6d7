import {
  isMarkerKey,
  parseRecordKey,
  partitionOf,
  type NoticeValue,
  type ServiceName,
  type TenantValue,
} from '@relay/contracts';
import { RetryLater, type Received, type ReceivedBatch } from '@relay/kafka';
import type { Health, Metrics } from '@relay/service-kit';
import { StateTopic, readBackHandler } from '@relay/state-topic';
import { ENGINE_RULES, type EngineRules } from './core/engine-rules.js';
import { refText } from './core/model.js';
import type { EngineConfig } from './engine-settings.js';
import { PROCESS_SURROUNDINGS, type EngineSurroundings } from './engine-surroundings.js';
import { EngineMetrics } from './engine-metrics.js';
import { CallSlots } from './lanes/call-slots.js';
import { GatewayGate } from './lanes/gateway-gate.js';
import { LaneClock } from './lanes/lane-clock.js';
import type { LaneLog, LaneProcess } from './lanes/lane-ports.js';
import { readAgain, reviewBasis } from './lanes/read-again.js';
import { runWork } from './lanes/run-work.js';
import { NoticeIntake } from './notices/notice-intake.js';
import type { Connector, ShardDuty } from './ports/connector.js';
import type { EngineStore } from './ports/engine-store.js';
import type { RecordLog } from './ports/record-log.js';
import type { TokenFeed } from './ports/token-source.js';
import { RecordPublisher } from './records/record-publisher.js';
import { RecordStateStore } from './records/record-state-store.js';
import { ShardBook } from './shards/shard-book.js';
import { StatusBoard } from './status/status-board.js';
import { ownerOf } from './tokens/token-table.js';
import { Departures } from './withdrawals/departures.js';
import { WithdrawalLedger } from './withdrawals/withdrawal-ledger.js';
import { Withdrawals } from './withdrawals/withdrawals.js';

export interface SyncEngineParts {
  readonly service: Extract<ServiceName, 'provet-sync' | 'exact-sync'>;
  readonly connector: Connector;
  readonly duties: readonly ShardDuty[];
  readonly config: EngineConfig;
  readonly store: EngineStore;
  readonly recordLog: RecordLog;
  readonly tokens: TokenFeed;
  readonly log: LaneLog;
  readonly health: Pick<Health, 'register'>;
  readonly metrics: Metrics;
  /** Tests shorten the engine's periods. */
  readonly rules?: Partial<EngineRules>;
  /** The model's; default: the process's. */
  readonly surroundings?: EngineSurroundings;
}

/** A sync at work: what its consumer groups hand to it, and the parts that work on by themselves. */
export class SyncEngine {
  readonly book: ShardBook;
  private readonly records: StateTopic;
  private readonly statuses: StateTopic;
  private readonly farewells: StateTopic;
  private readonly ledger: WithdrawalLedger;
  private readonly withdrawals: Withdrawals;
  private readonly board: StatusBoard;
  private readonly intake: NoticeIntake;
  private readonly surroundings: EngineSurroundings;
  private readonly clock: LaneClock;

  constructor(private readonly parts: SyncEngineParts) {
    const { connector, recordLog, store, surroundings = PROCESS_SURROUNDINGS } = parts;
    this.surroundings = surroundings;
    this.clock = new LaneClock(surroundings.clock);
    const metrics = new EngineMetrics(parts.metrics);
    const process = this.laneProcess(metrics);
    const shardOf = (tenantId: string): number => partitionOf(tenantId, recordLog.partitions);
    const rows = new RecordStateStore({
      rows: store,
      vendor: connector.vendor,
      shardOf,
      epochOf: (tenantId) => this.book.epochOf(shardOf(tenantId)),
      traceparent: process.traceparent,
    });
    this.records = this.stateTopic('records', rows);
    this.statuses = this.stateTopic('sync-status', store.statuses);
    const publisher = new RecordPublisher({
      topic: this.records,
      vendor: connector.vendor,
      shardOf,
      fault: process.fault,
      traceparent: process.traceparent,
      published: (tenantId, resource) => {
        const shard = shardOf(tenantId);
        this.board.acknowledged(this.book.at(shard, this.book.epochOf(shard)), tenantId, resource);
      },
    });
    this.board = new StatusBoard({
      process,
      topic: this.statuses,
      publisher,
      shards: () => this.book.held(),
    });
    this.farewells = this.stateTopic('withdrawal', store.farewells);
    this.ledger = new WithdrawalLedger(process.now);
    this.withdrawals = new Withdrawals({
      service: parts.service,
      process,
      store,
      recordLog,
      publisher,
      ledger: this.ledger,
      topic: this.farewells,
      departures: new Departures(process, this.ledger, this.farewells),
      shards: () => this.book.held(),
      retireStatuses: (unit, shard, tenantId) => this.board.retire(unit, shard, tenantId),
      publishStatuses: (messages) => void this.statuses.publish(messages),
    });
    this.book = new ShardBook({
      topics: [this.records, this.statuses, this.farewells],
      records: this.records,
      leftovers: this.withdrawals,
      duties: parts.duties,
      repairMs: surroundings.repairMs,
      ports: {
        store,
        process,
        run: runWork,
        partitions: recordLog.partitions,
        publisher,
        withdrawals: this.withdrawals,
        noticeEnd: (shard) => this.noticeEnd(shard),
        touched: (shard, tenantId, resource) => this.board.touched(shard, tenantId, resource),
        committed: (ops, seconds) => metrics.committed(ops, seconds),
      },
    });
    this.intake = new NoticeIntake({
      shardAt: (shard, epoch) => this.book.at(shard, epoch),
      resources: new Set(connector.resources.map((spec) => spec.name)),
      now: process.now,
      isTransient: (error) => store.isTransient(error),
      counted: (outcome, by) => metrics.notices(outcome, by),
    });
  }

  get service(): SyncEngineParts['service'] {
    return this.parts.service;
  }

  get connector(): Connector {
    return this.parts.connector;
  }

  get consumesNotices(): boolean {
    return this.parts.config.consumeNotices;
  }

  /** Starts what works by itself. Consumer groups are started by Nest. */
  start(): void {
    const { tokens, health } = this.parts;
    tokens.onChange((owner, version) => this.tokenChanged(owner, version));
    this.connector.onBasisChange?.(() => this.basisChanged());
    tokens.start();
    health.register('tokens', () =>
      tokens.isLoaded ? { status: 'up' } : { status: 'down', detail: 'the token table is being read' },
    );
    this.board.start();
    this.book.start();
    this.withdrawals.start();
  }

  /** No new calls, no new commits. */
  stopWorking(): void {
    this.board.close();
    this.withdrawals.close();
    this.book.close();
    this.clock.close();
  }

  async close(): Promise<void> {
    this.stopWorking();
    this.records.close();
    this.statuses.close();
    this.farewells.close();
    await this.parts.tokens.close();
  }

  /**
   * Has everything of a resource of a tenant read again; it goes on over restarts. False: another process owns the tenant, or
   * there is no such resource.
   */
  async readAgain(tenantId: string, resource: string): Promise<boolean> {
    const spec = this.connector.resources.find(({ name }) => name === resource);
    const shard = [...this.book.held()].find((held) => held.owns(tenantId));
    const lane = shard?.lanes.get(tenantId);
    if (spec === undefined || lane === undefined || !lane.isLoaded) return false;
    await readAgain(lane, spec);
    return true;
  }

  /** Batches of `tenant.v1`. */
  async onTenants(batch: ReceivedBatch<unknown>): Promise<void> {
    const shard = this.book.at(batch.partition, batch.epoch);
    if (shard === null) throw new RetryLater('the shard is not ours yet');
    try {
      for (const { key, value } of batch.messages) {
        await this.book.tenantChanged(shard, key, value as TenantValue | null);
      }
    } catch (error) {
      if (this.parts.store.isTransient(error))
        throw new RetryLater('the database is away', undefined, { cause: error });
      throw error;
    }
  }

  /** Batches of `withdrawal.v1`. */
  onWithdrawals(batch: ReceivedBatch<unknown>): Promise<void> {
    this.ledger.take(batch);
    return Promise.resolve();
  }

  /** Batches of `notice.v1`. */
  onNotices(batch: ReceivedBatch<unknown>): Promise<void> {
    return this.intake.take(batch as ReceivedBatch<NoticeValue>);
  }

  /** Batches of the record topics, read back. */
  async onRecordsSeen(batch: ReceivedBatch<unknown>): Promise<void> {
    await this.surroundings.fault('sync:read-back');
    const messages = batch.messages.filter(({ key }) => !isMarkerKey(key));
    await readBackHandler(this.records, (topic, message) => this.rowKeyOf(topic, message))({ ...batch, messages });
  }

  /** Batches of `sync-status.v1`, read back. */
  onStatusSeen(batch: ReceivedBatch<unknown>): Promise<void> {
    return readBackHandler(this.statuses)(batch);
  }

  /** Batches of `withdrawal.v1`, read back. */
  onWithdrawalsSeen(batch: ReceivedBatch<unknown>): Promise<void> {
    return readBackHandler(this.farewells)(batch);
  }

  private rowKeyOf(topic: string, { key, headers }: Pick<Received<unknown>, 'key' | 'headers'>): string {
    const parsed = parseRecordKey(key, headers['ce_tenantid']);
    const resource = topic.slice(this.parts.connector.vendor.length + 1, topic.lastIndexOf('.'));
    return refText({ tenantId: parsed?.tenantId ?? key, resource, recordId: parsed?.recordId ?? '' });
  }

  private stateTopic(name: string, store: ConstructorParameters<typeof StateTopic>[0]['store']): StateTopic {
    const { recordLog, log, metrics } = this.parts;
    const { clock, statePace } = this.surroundings;
    return new StateTopic({
      name,
      store,
      log,
      metrics,
      producer: recordLog,
      ownership: 'sharded',
      readBackPositions: (topic) => recordLog.readBackPositions(topic),
      clock,
      random: () => this.surroundings.random(),
      pace: statePace,
    });
  }

  private async noticeEnd(shard: number): Promise<bigint | null> {
    return this.consumesNotices ? this.parts.recordLog.noticeEnd(shard) : null;
  }

  private tokenChanged(owner: string, version: number): void {
    for (const shard of this.book.held()) {
      for (const lane of shard.lanes.values()) {
        const isOwner = lane.tenantId === owner || lane.tenantId.startsWith(`${owner}:`);
        const isUsed = lane.tenant.credentialId !== null && ownerOf(lane.tenant.credentialId) === owner;
        if (isOwner || isUsed) lane.tokenChanged(version);
      }
    }
  }

  private basisChanged(): void {
    for (const shard of this.book.held()) for (const lane of shard.lanes.values()) reviewBasis(lane);
  }

  private laneProcess(metrics: EngineMetrics): LaneProcess {
    const { connector, config, log } = this.parts;
    const { clock: time, random, newId, traceparent, fault } = this.surroundings;
    // A longest pause between tries that an operator has set holds for what is broken or forbidden too.
    const atMost = (pauseMs: number): number => Math.min(pauseMs, config.backoffMaxMs);
    const rules: EngineRules = {
      ...ENGINE_RULES,
      forbiddenProbeMs: atMost(ENGINE_RULES.forbiddenProbeMs),
      parkedRetryMs: atMost(ENGINE_RULES.parkedRetryMs),
      ...(config.noticeGraceSeconds === undefined ? {} : { graceMs: config.noticeGraceSeconds * 1000 }),
      ...(config.overlapSeconds === undefined ? {} : { overlapMs: config.overlapSeconds * 1000 }),
      ...this.parts.rules,
    };
    const backoff = { minMs: config.backoffMinMs, maxMs: config.backoffMaxMs };
    const breaker = { ...backoff, failures: config.breakerFailures };
    const slots = new CallSlots(config.laneConcurrency, config.laneSlowConcurrency, rules.slowCallMs, time);
    metrics.watchSlots(slots);
    return {
      connector,
      rules,
      log,
      slots,
      breaker,
      backoff,
      clock: this.clock,
      time,
      events: { previous: config.eventPrevious, maxBytes: config.eventMaxBytes },
      gateway: new GatewayGate(breaker, random),
      concurrency: config.tenantConcurrency,
      callTimeoutMs: config.httpAttemptTimeoutMs,
      runId: newId(),
      fault,
      newId,
      traceparent,
      called: (operation, outcome, seconds) => metrics.called(operation, outcome, seconds),
      now: () => time.now(),
      random,
    };
  }
}
