import type { ModelWorker } from '@relay/testing';
import { ExactModel, type ExactModelOptions } from '../exact-model.js';
import type { Evidence } from './check-run.js';
import type { Plan, Step } from './plan.js';
import { Truth } from './truth.js';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
/** Practices are closed: sweeps need not wait. */
const SATURDAY = Date.parse('2026-11-28T12:00:00Z');
/** After the last trouble: back-offs, second looks, and every pass twice. */
const QUIET_MS = 16 * MINUTE;
const DAY = 86_400_000;

/** Something between the engine and what it stands on: a bug that was planted, to see whether it is found. */
export type Plant = Partial<Pick<ExactModelOptions, 'connectorOf' | 'storeOf' | 'rules'>>;

/** Carries a plan out, lets everything have its passes in quiet, and gathers what there is to see. */
export async function runPlan(plan: Plan, plant: Plant = {}): Promise<Evidence> {
  const stage = new Stage(plan, plant);
  for (const step of plan.steps) {
    await stage.until(step.at);
    stage.act(step);
  }
  await stage.until(plan.activeMs);
  stage.calm();
  await stage.until(plan.activeMs + QUIET_MS);
  return { model: stage.model, states: stage.truth.states, isRestored: stage.isRestored };
}

class Stage {
  readonly model: ExactModel;
  readonly truth: Truth;
  isRestored = false;
  private worker: ModelWorker;
  private ambush: { readonly where: string; readonly awayMs: number } | null = null;
  private readonly ends = new Set<() => void>();
  private writes = 0;

  constructor(plan: Plan, plant: Plant) {
    this.model = new ExactModel({
      seed: plan.seed,
      startAt: SATURDAY,
      resources: ['appointment', 'patient'],
      pollSeconds: 60,
      farSeconds: 240,
      sweepSeconds: 300,
      callsPerPracticeHour: 20_000,
      hardSpanPauseMs: 30 * SECOND,
      config: { backoffMaxMs: 30_000 },
      ...plant,
      rules: {
        parkedRetryMs: 60_000,
        parkedRetryMostMs: 120_000,
        forbiddenProbeMs: 60_000,
        tenantProbeMs: 60_000,
        ...plant.rules,
      },
    });
    Object.assign(this.model.twin.pages, { bytes: plan.pageBytes, form: plan.pageForm, emptyEvery: plan.emptyEvery });
    this.worker = this.begin();
    this.model.onFaultPoint = (point, name) => this.reached(point, name);
    for (const practice of plan.practices) this.model.practice(practice);
    this.truth = new Truth(this.model);
  }

  async until(at: number): Promise<void> {
    const left = SATURDAY + at - this.model.clock.now();
    if (left > 0) await this.model.run(left);
  }

  act(step: Step): void {
    const { twin, database, log } = this.model;
    switch (step.do) {
      case 'change':
      case 'cancel':
      case 'create':
      case 'move':
      case 'remove':
        this.write(step);
        return this.truth.take();
      case 'mode': {
        const { state } = twin.practice(step.practice);
        state.mode = step.mode;
        return this.later(step.forMs, () => void (state.mode = 'online'));
      }
      case 'poison': {
        const { faultyRecords } = twin.practice(step.practice).state;
        const id = this.pick(step)?.toLowerCase();
        if (id === undefined) return;
        faultyRecords.add(id);
        return this.later(step.forMs, () => void faultyRecords.delete(id));
      }
      case 'slow-windows': {
        const { state } = twin.practice(step.practice);
        state.timeoutLongerThanDays = step.days;
        return this.later(step.forMs, () => void (state.timeoutLongerThanDays = null));
      }
      case 'spelling':
        twin.practice(step.practice).state.listSpelling = step.as;
        return;
      case 'gateway':
        twin.gateway.mode = 'fault';
        return this.later(step.forMs, () => void (twin.gateway.mode = 'up'));
      case 'listing':
        twin.gateway.subscriptionFault = 503;
        return this.later(step.forMs, () => void (twin.gateway.subscriptionFault = null));
      case 'answers': {
        const { practice, path, rate, effect } = step;
        const id = twin.faults.add({ scope: practice, method: 'GET', path, rate, effect });
        return this.later(step.forMs, () => void twin.faults.remove(id));
      }
      case 'expire': {
        const before = twin.pages.ttlMs;
        twin.pages.ttlMs = -1;
        return this.later(step.forMs, () => void (twin.pages.ttlMs = before));
      }
      case 'kill':
        if (step.where === 'now') this.kill(step.awayMs);
        else this.ambush = { where: step.where, awayMs: step.awayMs };
        return;
      case 'hand-over':
        return this.handOver(step.told);
      case 'database-away':
        database.isAway = true;
        return this.later(step.forMs, () => void (database.isAway = false));
      case 'log-away':
        log.isAway = true;
        return this.later(step.forMs, () => void (log.isAway = false));
      case 'restore': {
        const backup = database.backup();
        return this.later(step.backupMs, () => {
          this.isRestored = true;
          this.worker.kill();
          database.restore(backup);
          this.worker = this.begin();
        });
      }
      default:
        return step satisfies never;
    }
  }

  /** From here on nothing goes wrong any more. */
  calm(): void {
    this.ambush = null;
    for (const end of Array.from(this.ends)) end();
    this.model.twin.faults.clear();
    if (!this.worker.process.isRunning) this.worker = this.begin();
  }

  private begin(): ModelWorker {
    const worker = this.model.start();
    worker.assign(0);
    worker.readBack();
    return worker;
  }

  private kill(awayMs: number): void {
    this.worker.kill();
    this.model.clock.after(awayMs, () => {
      if (!this.worker.process.isRunning) this.worker = this.begin();
    });
  }

  /** Another process gets the shard; the one that had it hears of that, or finds out. */
  private handOver(told: boolean): void {
    const before = this.worker;
    if (!before.process.isRunning) return;
    if (told) before.revoke(0);
    this.worker = this.begin();
    this.model.clock.after(20 * SECOND, () => before.kill());
  }

  private reached(point: string, name: string): Promise<void> | void {
    if (this.ambush?.where !== point || name !== this.worker.name) return;
    const { awayMs } = this.ambush;
    this.ambush = null;
    this.kill(awayMs);
    return new Promise(() => undefined);
  }

  private write(step: Extract<Step, { do: 'change' | 'cancel' | 'create' | 'move' | 'remove' }>): void {
    const { twin, clock } = this.model;
    const { practice, kind } = step;
    this.writes += 1;
    const mark = kind === 'patient' ? { lastName: `Name ${this.writes}` } : { status: `Status ${this.writes}` };
    const isAppointment = kind === 'appointment';
    const startDate = (days: number): object =>
      isAppointment ? { startDate: new Date(clock.now() + days * DAY).toISOString() } : {};
    if (step.do === 'create') return void twin.put(practice, kind, null, { ...mark, ...startDate(step.days) });
    const id = this.pick(step);
    if (id === null) return;
    switch (step.do) {
      case 'remove':
        return void twin.remove(practice, kind, id);
      case 'move':
        return void twin.put(practice, kind, id, { ...mark, ...startDate(step.days) });
      case 'cancel': {
        const cancelled = { status: 'Cancelled', cancellationDate: new Date(clock.now()).toISOString() };
        return void twin.put(practice, kind, id, isAppointment ? cancelled : mark);
      }
      case 'change':
        return void twin.put(practice, kind, id, mark);
      default:
        return step.do satisfies never;
    }
  }

  private pick({ practice, kind, record }: { practice: string; kind: 'appointment' | 'patient'; record: number }) {
    const records = this.model.twin.records(practice, kind);
    return (records[record % records.length]?.['id'] as string | undefined) ?? null;
  }

  /** Ends something after a while, or when it is to be calm. */
  private later(ms: number, run: () => void): void {
    const end = (): void => {
      if (this.ends.delete(end)) run();
    };
    this.ends.add(end);
    this.model.clock.after(ms, end);
  }
}
