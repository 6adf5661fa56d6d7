import type { TenantValue } from '@relay/contracts';
import { ProvetModel, type ProvetModelOptions } from '../provet-model.js';
import { Crew } from './crew.js';
import type { Evidence, Span } from './evidence.js';
import { gather, RULES } from './gather.js';
import type { Plan, Step } from './plan.js';
import { shapedConnector } from './shaped-connector.js';
import { VendorHistory } from './vendor-history.js';
import { VendorActs } from './vendor-acts.js';

/** Something between the engine and what it stands on: a bug that was planted, to see whether it is found. */
export interface Plant extends Partial<Pick<ProvetModelOptions, 'storeOf' | 'recordLogOf' | 'connectorOf' | 'rules'>> {
  /** False: the database lets everybody write. */
  readonly hasFence?: boolean;
}

/** After the last trouble: back-offs, second looks, held messages. */
const SETTLE_MS = 300_000;

export interface Run {
  readonly model: ProvetModel;
  readonly evidence: Evidence;
}

/** Carries a plan out, lets everything have its passes in quiet, and gathers what there is to see. */
export async function runPlan(plan: Plan, plant: Plant = {}): Promise<Run> {
  const stage = new Stage(plan, plant);
  for (const step of plan.steps) {
    await stage.until(step.at);
    stage.act(step);
  }
  await stage.until(plan.activeMs);
  stage.calm();
  await stage.quiet();
  return stage.end();
}

class Stage {
  private readonly model: ProvetModel;
  private readonly crew: Crew;
  private readonly tenants = new Map<number, TenantValue>();
  private readonly disturbed: Span[] = [];
  private readonly history: VendorHistory;
  private readonly vendor: VendorActs;
  private readonly startedAt: number;
  private restoredAt: number | null = null;
  private latencyMs: number;

  constructor(
    private readonly plan: Plan,
    plant: Plant,
  ) {
    this.latencyMs = plan.httpLatencyMs;
    const { seed, shards } = plan;
    const resources = plan.resources.map(({ name }) => name);
    const jitter = { now: (): number => 0 };
    this.model = new ProvetModel({
      seed,
      resources,
      partitions: shards,
      reconcileSeconds: RULES.reconcileMs / 1000,
      sweepSeconds: RULES.sweepMs / 1000,
      config: { backoffMaxMs: 60_000, httpAttemptTimeoutMs: 10_000 },
      httpLatencyMs: () => this.latencyMs * (0.5 + jitter.now()),
      ...plant,
      rules: { parkedRetryMostMs: 120_000, tenantProbeMs: 60_000, ...plant.rules },
      connectorOf: (connector, worker) => {
        const shaped = shapedConnector(connector, plan.resources);
        return plant.connectorOf?.(shaped, worker) ?? shaped;
      },
    });
    this.model.database.hasFence = plant.hasFence ?? true;
    jitter.now = this.model.random('latency');
    this.startedAt = this.model.clock.now();
    this.crew = new Crew(this.model, shards, plan.workers, (forMs) => this.trouble(forMs));
    for (const { id, records } of plan.tenants) {
      this.tenants.set(id, this.model.clinic(id, records));
      for (const { name, listForm } of plan.resources) {
        if (listForm !== null) this.model.twin.tenant(id).switches.listForm[name] = listForm;
      }
    }
    this.history = new VendorHistory(this.model, plan, (id) => this.tenantOf(id).tenantId);
    this.vendor = new VendorActs(this.model, this.history, (ms, run) => this.later(ms, run));
  }

  async until(at: number): Promise<void> {
    const left = this.startedAt + at - this.model.clock.now();
    if (left > 0) await this.model.run(left);
  }

  act(step: Step): void {
    const { model, crew } = this;
    const { database, log } = model;
    if ('forMs' in step && step.do !== 'webhooks') this.trouble(step.forMs);
    switch (step.do) {
      case 'suspend': {
        this.setState(step.tenant, 'suspended');
        return this.later(step.forMs, () => this.setState(step.tenant, 'active'));
      }
      case 'slow': {
        this.latencyMs = step.latencyMs;
        return this.later(step.forMs, () => (this.latencyMs = this.plan.httpLatencyMs));
      }
      case 'kill':
        return crew.kill(step.worker, step.where, step.awayMs);
      case 'freeze':
        return crew.freeze(step.worker, step.where, step.handOverMs, step.resumeMs);
      case 'move-shard':
        return crew.move(step.shard, step.worker, step.told);
      case 'database-away': {
        database.isAway = true;
        return this.later(step.forMs, () => (database.isAway = false));
      }
      case 'log-away': {
        log.isAway = true;
        return this.later(step.forMs, () => (log.isAway = false));
      }
      case 'commits': {
        const random = model.random(`commits ${step.at}`);
        database.fateOfCommit = () => {
          const drawn = random();
          return drawn < step.lost ? 'lost' : drawn < step.lost + step.answerLost ? 'answer lost' : 'committed';
        };
        return this.later(step.forMs, () => (database.fateOfCommit = () => 'committed'));
      }
      case 'sends':
        return this.losesSends(step);
      case 'restore': {
        const backup = database.backup();
        return this.later(step.backupMs, () => {
          this.trouble(0);
          this.restoredAt = model.clock.now();
          crew.restart(() => database.restore(backup), step.survivorMs);
        });
      }
      case 'archive':
      case 'change':
      case 'close':
      case 'create':
      case 'forbid':
      case 'ignore-filter':
      case 'merge':
      case 'remove':
      case 'vendor-fault':
      case 'webhooks':
        return this.vendor.act(step);
      default:
        return step satisfies never;
    }
  }

  /** From here on nothing goes wrong any more. */
  calm(): void {
    const { model } = this;
    for (const run of Array.from(this.ends)) run();
    model.database.isAway = false;
    model.log.isAway = false;
    model.twin.faults.clear();
    model.twin.setWebhookRates({ drop: 0, duplicate: 0, late: 0, reorder: 0 });
    this.vendor.calm(this.plan.tenants.map(({ id }) => id));
    model.log.land();
    this.crew.calm();
    this.trouble(0);
  }

  /** Everything has its passes, twice. */
  async quiet(): Promise<void> {
    await this.model.run(2.3 * RULES.sweepMs + SETTLE_MS);
  }

  end(): Run {
    const { model, plan, disturbed, restoredAt } = this;
    const tenants = new Map([...this.tenants].map(([id, { tenantId }]) => [id, tenantId]));
    const evidence = gather({ model, plan, tenants, history: this.history.states, disturbed, restoredAt });
    return { model, evidence };
  }

  private losesSends(step: Extract<Step, { do: 'sends' }>): void {
    const { log } = this.model;
    const random = this.model.random(`sends ${step.at}`);
    log.fateOfSend = () => {
      const drawn = random();
      if (drawn < step.lost) return 'lost';
      if (drawn < step.lost + step.answerLost) return 'answer lost';
      return drawn < step.lost + step.answerLost + step.late ? 'late' : 'acknowledged';
    };
    const land = (): void => {
      log.land(1);
      if (log.lateMessages > 0) this.model.clock.after(7_000, land);
    };
    this.model.clock.after(20_000, land);
    this.later(step.forMs, () => {
      log.fateOfSend = () => 'acknowledged';
      log.land();
    });
  }

  private readonly ends = new Set<() => void>();

  /** Ends something after a while, or when it is to be calm. */
  private later(ms: number, run: () => void): void {
    const end = (): void => {
      if (this.ends.delete(end)) run();
    };
    this.ends.add(end);
    this.model.clock.after(ms, end);
  }

  private trouble(forMs: number): void {
    const from = this.model.clock.now();
    this.disturbed.push({ from, to: from + forMs + SETTLE_MS });
  }

  private setState(id: number, state: 'active' | 'suspended'): void {
    const tenant = this.tenantOf(id);
    const changedAt = new Date(this.model.clock.now()).toISOString();
    const next = { ...tenant, state, version: tenant.version + 1, changedAt };
    this.tenants.set(id, this.model.tenant(next));
  }

  private tenantOf(id: number): TenantValue {
    const tenant = this.tenants.get(id);
    if (tenant === undefined) throw new Error(`no tenant ${id} in the plan`);
    return tenant;
  }
}
