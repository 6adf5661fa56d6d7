import { every } from '@relay/service-kit';
import type { RequestState } from '../core/request-state.js';
import type { RequestRow } from '../ports/stored-rows.js';
import type { OwnedShard } from '../shards/owned-shard.js';
import type { RequestJobsPorts } from './request-job.js';
import { replayStep } from './replay-step.js';
import type { Answer, Question } from './question.js';
import { resyncStep } from './resync-step.js';

/** How often the progress of a request is told while it changes. */
const TELL_MS = 2_000;

interface Held {
  row: RequestRow;
  isBusy: boolean;
  toldAt: number;
  told: string;
}

/** Resyncs and replays of the shards that this process owns: durable, a bounded step at a time. */
export class RequestJobs {
  private readonly jobs = new WeakMap<OwnedShard, Promise<Map<string, Held>>>();
  private end: (() => void) | null = null;
  private cancelSoon: (() => void) | null = null;

  constructor(private readonly ports: RequestJobsPorts) {}

  start(): void {
    const { time, rules } = this.ports.process;
    // Rarely, to find what an earlier owner has left; often only while there is something to do.
    this.end = every(time, rules.purgeTickMs, () => this.tick());
  }

  close(): void {
    this.end?.();
    this.cancelSoon?.();
  }

  /** Takes a request in; durable when this returns. One that comes again goes on where it stands. */
  async begin({ request, tenant, shard, isEnabled }: Question): Promise<Answer> {
    const { requestId, tenantId, resource, recordIds } = request;
    if (resource !== null && !isEnabled(resource)) {
      return { status: 'refused', code: 'not-enabled', detail: `the resource ${resource} is not enabled` };
    }
    if (tenant.state === 'withdrawn') return { status: 'refused', code: 'tenant-not-served' };
    if (recordIds !== null && resource === null) return { status: 'refused', code: 'invalid-request' };
    const held = await this.of(shard);
    if (held.has(requestId)) return { status: 'accepted' };
    const state: RequestState = {
      kind: request.kind === 'replay' ? 'replay' : 'resync',
      resources: resource === null ? this.ports.process.connector.resources.map(({ name }) => name) : [resource],
      recordIds,
      from: request.from === null ? null : Date.parse(request.from),
      to: request.to === null ? null : Date.parse(request.to),
      at: Date.parse(request.at),
      after: null,
      asked: 0,
      walked: false,
    };
    const row = { tenantId, requestId, state };
    await shard.fenced((unit) => unit.writeRequest(row));
    held.set(requestId, { row, isBusy: false, toldAt: 0, told: '' });
    this.soon();
    return { status: 'accepted' };
  }

  private of(shard: OwnedShard): Promise<Map<string, Held>> {
    let held = this.jobs.get(shard);
    if (held === undefined) {
      held = this.load(shard);
      this.jobs.set(shard, held);
      held.catch(() => this.jobs.delete(shard));
    }
    return held;
  }

  private async load(shard: OwnedShard): Promise<Map<string, Held>> {
    const rows = await this.ports.store.requests(shard.shard);
    return new Map(rows.map((row) => [row.requestId, { row, isBusy: false, toldAt: 0, told: '' }]));
  }

  private soon(): void {
    const { time, rules } = this.ports.process;
    this.cancelSoon ??= time.after(rules.requestTickMs, () => {
      this.cancelSoon = null;
      this.tick();
    });
  }

  private tick(): void {
    for (const shard of this.ports.shards()) {
      if (shard.loaded && !shard.signal.aborted) void this.tickShard(shard);
    }
  }

  private async tickShard(shard: OwnedShard): Promise<void> {
    try {
      const held = await this.of(shard);
      if (held.size === 0) return;
      this.soon();
      await Promise.all([...held.values()].filter((job) => !job.isBusy).map((job) => this.advance(shard, held, job)));
    } catch (error) {
      if (shard.signal.aborted) return;
      const level = this.ports.store.isTransient(error) ? 'debug' : 'warn';
      this.ports.process.log[level]({ shard: shard.shard, err: error }, 'a request cannot go on now');
    }
  }

  private async advance(shard: OwnedShard, held: Map<string, Held>, job: Held): Promise<void> {
    const { process } = this.ports;
    const { tenantId, requestId, state } = job.row;
    job.isBusy = true;
    try {
      const lane = shard.lanes.get(tenantId);
      if (lane === undefined)
        return await this.finish(shard, held, job, { status: 'refused', code: 'tenant-not-served' });
      const step = state.kind === 'resync' ? resyncStep : replayStep;
      const next = state.walked ? state : await step({ row: job.row, shard }, lane, this.ports);
      job.row = { ...job.row, state: next };
      const waiting = lane.queue.askedBy(requestId);
      const progress = { asked: next.asked, waiting };
      if (next.walked && waiting === 0) return await this.finish(shard, held, job, { status: 'done', progress });
      const text = `${next.asked}/${waiting}`;
      if (text === job.told || process.now() - job.toldAt < TELL_MS) return;
      Object.assign(job, { told: text, toldAt: process.now() });
      this.ports.reply({ requestId, tenantId, kind: state.kind }, { status: 'working', progress });
    } finally {
      job.isBusy = false;
    }
  }

  private async finish(shard: OwnedShard, held: Map<string, Held>, { row }: Held, answer: Answer): Promise<void> {
    const { tenantId, requestId, state } = row;
    await shard.fenced((unit) => unit.removeRequest(row));
    held.delete(requestId);
    this.ports.reply({ requestId, tenantId, kind: state.kind }, answer);
  }
}
