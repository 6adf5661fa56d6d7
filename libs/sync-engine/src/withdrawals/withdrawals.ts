import type { AuditValue, PurgeReceipt, TenantValue } from '@relay/contracts';
import { controlMessage } from '@relay/kafka';
import { every } from '@relay/service-kit';
import type { StateTopic } from '@relay/state-topic';
import { purgeOrdered } from '../core/purge-plan.js';
import type { PurgeRow } from '../ports/stored-rows.js';
import type { OwnedShard } from '../shards/owned-shard.js';
import type { Departures } from './departures.js';
import { PurgeTenant, type PurgePorts } from './purge-tenant.js';
import type { WithdrawalLedger } from './withdrawal-ledger.js';
import { writeMarkers } from './write-markers.js';

export interface WithdrawalsOptions extends PurgePorts {
  readonly service: string;
  readonly ledger: WithdrawalLedger;
  readonly topic: StateTopic;
  readonly departures: Departures;
  shards(): Iterable<OwnedShard>;
}

/** A purge in this process's hands. */
interface Job {
  purge: PurgeRow;
  /** The receipt is written: the tenant may be worked on again, if it is back. */
  isDone: boolean;
}

/** Sees to withdrawn and purged tenants of the shards that this process owns. */
export class Withdrawals {
  private readonly jobs = new WeakMap<OwnedShard, Map<string, Job>>();
  private readonly steps: PurgeTenant;
  private end: (() => void) | null = null;
  private running = false;

  constructor(private readonly options: WithdrawalsOptions) {
    this.steps = new PurgeTenant(options);
  }

  start(): void {
    const { time, rules } = this.options.process;
    this.end = every(time, rules.purgeTickMs, () => void this.tick());
  }

  close(): void {
    this.end?.();
  }

  /** Before the lanes of a shard get their state: what has to be purged first, also after a restore. */
  async load(shard: OwnedShard): Promise<void> {
    const { store, ledger } = this.options;
    const jobs = this.jobsOf(shard);
    const receipts = ledger.receipts((tenantId) => shard.owns(tenantId));
    const restored = new Set(await store.restoredTenants(receipts));
    for (const receipt of receipts) if (restored.has(receipt.tenantId)) this.purgeAgain(jobs, receipt);
    for (const tenant of shard.tenants()) this.order(shard, tenant);
    for (const purge of await store.purges(shard.shard)) {
      const job = jobs.get(purge.tenantId);
      // One that was under way goes on where it stood; a newer order begins anew.
      if (job === undefined || job.purge.purgedAt === purge.purgedAt) {
        jobs.set(purge.tenantId, { purge, isDone: false });
      }
    }
  }

  /** True while a tenant must not be worked on: what was known of it before is not gone yet. */
  blocks(shard: OwnedShard, tenantId: string): boolean {
    return this.jobs.get(shard)?.get(tenantId)?.isDone === false;
  }

  /** True when the tenant is being purged, or was, and nothing of it may come back. */
  isPurged(shard: OwnedShard, tenantId: string): boolean {
    const isAway = shard.memory.tenants.get(tenantId)?.state === 'purged';
    return isAway && (this.jobsOf(shard).has(tenantId) || this.options.ledger.of(tenantId).purge !== null);
  }

  /** A tenant of the shard, in whatever state, before its lane is looked after. */
  order(shard: OwnedShard, tenant: TenantValue): void {
    const { tenantId } = tenant;
    if (tenant.vendor !== this.options.process.connector.vendor) return;
    const jobs = this.jobsOf(shard);
    const purgedAt = tenant.purgedAt ?? '';
    if (jobs.get(tenantId)?.purge.purgedAt === purgedAt) return;
    if (!purgeOrdered(tenant, this.options.ledger.of(tenantId))) return;
    jobs.set(tenantId, { purge: { tenantId, purgedAt, upTo: null, counts: {} }, isDone: false });
  }

  /** A tenant of a loaded shard, after its lane was looked after. */
  settled(shard: OwnedShard, tenant: TenantValue): void {
    this.options.departures.tenantChanged(shard, tenant);
  }

  /** A record of a purged tenant has turned up in the log: it is purged as the others were. */
  purgeLeftover(shard: OwnedShard, tenantId: string): void {
    const jobs = this.jobsOf(shard);
    const receipt = this.options.ledger.of(tenantId).purge;
    if (receipt !== null && !jobs.has(tenantId)) this.purgeAgain(jobs, receipt);
  }

  private purgeAgain(jobs: Map<string, Job>, receipt: PurgeReceipt): void {
    const { tenantId, purgedAt } = receipt;
    jobs.set(tenantId, { purge: { tenantId, purgedAt, upTo: null, counts: {} }, isDone: false });
  }

  private jobsOf(shard: OwnedShard): Map<string, Job> {
    let jobs = this.jobs.get(shard);
    if (jobs === undefined) this.jobs.set(shard, (jobs = new Map()));
    return jobs;
  }

  private async tick(): Promise<void> {
    if (this.running) return;
    this.running = true;
    const { process, recordLog, store } = this.options;
    const { vendor } = process.connector;
    for (const shard of [...this.options.shards()].filter((one) => one.loaded)) {
      try {
        for (const [tenantId, job] of this.jobsOf(shard)) await this.advance(shard, tenantId, job);
        await writeMarkers(shard, { store, recordLog, vendor }, process.now());
      } catch (error) {
        if (shard.signal.aborted) continue;
        const level = store.isTransient(error) ? 'debug' : 'warn';
        process.log[level]({ shard: shard.shard, err: error }, 'a purge cannot go on now');
      }
    }
    this.running = false;
  }

  private async advance(shard: OwnedShard, tenantId: string, job: Job): Promise<void> {
    if (!job.isDone) {
      if (job.purge.upTo === null) job.purge = await this.steps.makeTombstones(shard, job.purge);
      const { upTo } = job.purge;
      if (upTo === null) return;
      const left = await this.steps.deleteRows(shard, job.purge, upTo);
      if (left === 'more') job.purge = { ...job.purge, upTo: null };
      if (left !== 'gone') return;
      await this.options.process.fault('sync:purge-before-receipt');
      await this.writeReceipt(shard, job.purge, upTo);
      job.isDone = true;
    }
    await shard.purged(tenantId);
    this.jobsOf(shard).delete(tenantId);
  }

  private async writeReceipt(shard: OwnedShard, purge: PurgeRow, upTo: number): Promise<void> {
    const { ledger, topic, recordLog, service, process } = this.options;
    const { tenantId, purgedAt, counts } = purge;
    const entry: AuditValue = {
      at: new Date(process.now()).toISOString(),
      actor: `service:${service}`,
      action: 'purged',
      tenantId,
      reason: null,
      detail: { purgedAt, upTo, records: counts },
    };
    // First the account for people: after a crash in between it is there twice rather than not at all.
    await recordLog.sendAccount(controlMessage(recordLog.partitions, 'audit.v1', tenantId, tenantId, entry));
    const message = await shard.fenced(async (unit) => {
      await unit.removePurge(tenantId);
      return ledger.putPurge(unit, { kind: 'purge', tenantId, purgedAt, upTo, records: { ...counts } });
    });
    ledger.note(JSON.parse(String(message.message.value)) as PurgeReceipt);
    void topic.publish([message]);
    process.log.info({ tenantId, records: counts }, 'tenant purged');
  }
}
