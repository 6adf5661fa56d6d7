import { partitionOf, type NoticeValue, type SyncRequestValue, type TenantValue } from '@relay/contracts';
import { RetryLater, type ReceivedBatch } from '@relay/kafka';
import { PROCESS_SURROUNDINGS } from './engine-surroundings.js';
import { EngineMetrics } from './engine-metrics.js';
import type { Lane } from './lanes/lane.js';
import { LaneClock } from './lanes/lane-clock.js';
import { compareNow } from './lanes/compare-now.js';
import { laneProcess } from './lanes/lane-process.js';
import { lanesOfOwner } from './lanes/lanes-of-owner.js';
import { readAgain, reviewBasis } from './lanes/read-again.js';
import { runWork } from './lanes/run-work.js';
import { NoticeIntake } from './notices/notice-intake.js';
import { OwnTopics } from './own-topics.js';
import type { Connector } from './ports/connector.js';
import { RecordPublisher } from './records/record-publisher.js';
import { RecordStateStore } from './records/record-state-store.js';
import { RequestDesk } from './requests/request-desk.js';
import { RequestJobs } from './requests/request-jobs.js';
import { ShardBook } from './shards/shard-book.js';
import { CompletenessBoard } from './status/completeness-board.js';
import { StatusBoard } from './status/status-board.js';
import type { SyncEngineParts } from './sync-engine-parts.js';
import { Departures } from './withdrawals/departures.js';
import { WithdrawalLedger } from './withdrawals/withdrawal-ledger.js';
import { Withdrawals } from './withdrawals/withdrawals.js';

/** A sync at work: what its consumer groups hand to it, and the parts that work on by themselves. */
export class SyncEngine {
  readonly book: ShardBook;
  readonly topics: OwnTopics;
  private readonly ledger: WithdrawalLedger;
  private readonly withdrawals: Withdrawals;
  private readonly board: StatusBoard;
  private readonly intake: NoticeIntake;
  private readonly jobs: RequestJobs;
  private readonly desk: RequestDesk;
  private readonly clock: LaneClock;

  constructor(private readonly parts: SyncEngineParts) {
    const { connector, recordLog, store, surroundings = PROCESS_SURROUNDINGS } = parts;
    this.clock = new LaneClock(surroundings.clock);
    const metrics = new EngineMetrics(parts.metrics);
    const process = laneProcess(
      parts,
      surroundings,
      this.clock,
      metrics,
      (conclusion) => void this.desk.concluded(conclusion),
    );
    const shardOf = (tenantId: string): number => partitionOf(tenantId, recordLog.partitions);
    const rows = new RecordStateStore({
      rows: store,
      vendor: connector.vendor,
      shardOf,
      epochOf: (tenantId) => this.book.epochOf(shardOf(tenantId)),
      traceparent: process.traceparent,
    });
    this.topics = new OwnTopics(parts, surroundings, rows);
    const publisher = new RecordPublisher({
      topic: this.topics.records,
      vendor: connector.vendor,
      shardOf,
      fault: process.fault,
      traceparent: process.traceparent,
      published: (tenantId, resource) => {
        const shard = shardOf(tenantId);
        this.board.acknowledged(this.book.at(shard, this.book.epochOf(shard)), tenantId, resource);
      },
    });
    const completeness = new CompletenessBoard(process, this.topics.completeness);
    this.board = new StatusBoard({
      process,
      store,
      topic: this.topics.statuses,
      publisher,
      completeness,
      shards: () => this.book.held(),
    });
    this.ledger = new WithdrawalLedger(process.now);
    this.withdrawals = new Withdrawals({
      service: parts.service,
      process,
      store,
      recordLog,
      publisher,
      ledger: this.ledger,
      topic: this.topics.farewells,
      departures: new Departures(process, this.ledger, this.topics.farewells),
      shards: () => this.book.held(),
      retireStatuses: (unit, shard, tenantId) => this.board.retire(unit, shard, tenantId),
      publishStatuses: (messages) => void this.topics.statuses.publish(messages),
      retireCompleteness: (unit, shard, tenantId) => completeness.retire(unit, shard, tenantId),
      publishCompleteness: (messages) => void this.topics.completeness.publish(messages),
    });
    this.book = new ShardBook({
      topics: this.topics.all,
      records: this.topics.records,
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
        noticePosition: (shard) => recordLog.noticePosition(shard),
        touched: (shard, tenantId, resource) => this.board.touched(shard, tenantId, resource),
        committed: (ops, seconds) => metrics.committed(ops, seconds),
      },
    });
    this.jobs = new RequestJobs({
      process,
      store,
      records: this.topics.records,
      shards: () => this.book.held(),
      publisher,
      reply: (question, answer) => this.desk.reply(question, answer),
    });
    this.desk = new RequestDesk({
      process,
      store,
      recordLog,
      jobs: this.jobs,
      shardAt: (shard, epoch) => this.book.at(shard, epoch),
      shardOf: (tenantId) => this.book.at(shardOf(tenantId), this.book.epochOf(shardOf(tenantId))),
    });
    this.intake = new NoticeIntake({
      shardAt: (shard, epoch) => this.book.at(shard, epoch),
      resources: new Set(connector.resources.map((spec) => spec.name)),
      now: process.now,
      fault: process.fault,
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
    this.connector.spending?.onUnkept((tenantId) => this.keepSpending(tenantId));
    tokens.start();
    health.register('tokens', () =>
      tokens.isLoaded ? { status: 'up' } : { status: 'down', detail: 'the token table is being read' },
    );
    this.board.start();
    this.book.start();
    this.withdrawals.start();
    this.jobs.start();
  }

  /** No new calls, no new commits. */
  stopWorking(): void {
    this.board.close();
    this.withdrawals.close();
    this.jobs.close();
    this.book.close();
    this.clock.close();
  }

  async close(): Promise<void> {
    this.stopWorking();
    this.topics.close();
    await this.parts.tokens.close();
  }

  /**
   * Has everything of a resource of a tenant read again; it goes on over restarts. False: another process owns the tenant, or
   * there is no such resource.
   */
  async readAgain(tenantId: string, resource: string): Promise<boolean> {
    const spec = this.connector.resources.find(({ name }) => name === resource);
    const lane = this.laneHere(tenantId);
    if (spec === undefined || lane === null) return false;
    await readAgain(lane, spec);
    return true;
  }

  /**
   * Has a resource of a tenant compared with the vendor now: its sweep begins, as far as the budget lets it. The report is
   * `completeness.v1`. False: another process owns the tenant, or the resource has no sweep or is not live yet.
   */
  async compareNow(tenantId: string, resource: string): Promise<boolean> {
    const spec = this.connector.resources.find(({ name }) => name === resource);
    const lane = this.laneHere(tenantId);
    if (spec === undefined || lane === null) return false;
    return compareNow(lane, spec);
  }

  /** Looks at what was prepared for a tenant, and at what it permits, now. False: another process owns it. */
  prepareNow(tenantId: string): boolean {
    const lane = this.laneHere(tenantId);
    if (lane === null) return false;
    lane.prepareEarly('asked');
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

  /** Batches of `sync-request.v1`. */
  onRequests(batch: ReceivedBatch<unknown>): Promise<void> {
    return this.desk.take(batch as ReceivedBatch<SyncRequestValue>);
  }

  /** The tenant's lane; null while it is not at work here. */
  private laneHere(tenantId: string): Lane | null {
    const lane = [...this.book.held()].find((held) => held.owns(tenantId))?.lanes.get(tenantId);
    return lane?.isLoaded === true ? lane : null;
  }

  private async noticeEnd(shard: number): Promise<bigint | null> {
    return this.consumesNotices ? this.parts.recordLog.noticeEnd(shard) : null;
  }

  private tokenChanged(owner: string, version: number): void {
    for (const lane of lanesOfOwner(this.book.held(), owner)) lane.tokenChanged(version);
  }

  /** A tenant that has no lane is one that leaves: nobody takes it over. */
  private keepSpending(tenantId: string): void {
    const { spending } = this.connector;
    const lane = this.laneHere(tenantId);
    if (lane === null) spending?.kept(spending.told(tenantId));
    else lane.save();
  }

  private basisChanged(): void {
    for (const shard of this.book.held()) {
      for (const lane of shard.lanes.values()) {
        reviewBasis(lane);
        lane.lookForToken();
      }
    }
  }
}
