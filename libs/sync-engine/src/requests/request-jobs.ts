import type { LastingRequestKind } from '@relay/contracts';
import { every } from '@relay/service-kit';
import type { RequestState } from '../core/request-state.js';
import type { Lane } from '../lanes/lane.js';
import type { Connector } from '../ports/connector.js';
import type { RequestRow } from '../ports/stored-rows.js';
import type { OwnedShard } from '../shards/owned-shard.js';
import { checkPermissionsStep, waitForPermissions } from './check-permissions-step.js';
import { canCompare, compareStep, waitForComparison } from './compare-step.js';
import type { RequestJobsPorts } from './request-job.js';
import { replayStep } from './replay-step.js';
import type { Answer, Question } from './question.js';
import { resyncStep } from './resync-step.js';

/** How often the progress of a request is told while it changes. */
const TELL_MS = 2_000;

const STEPS = {
  resync: resyncStep,
  replay: replayStep,
  compare: compareStep,
  'check-permissions': checkPermissionsStep,
} as const satisfies Record<LastingRequestKind, unknown>;

/** What of a request is not answered yet. */
function waitingOf({ requestId, state }: RequestRow, lane: Lane): number {
  switch (state.kind) {
    case 'resync':
    case 'replay':
      return lane.queue.askedBy(requestId);
    case 'compare':
      return waitForComparison(state, lane);
    case 'check-permissions':
      return waitForPermissions(state, lane);
    default:
      return state.kind satisfies never;
  }
}

/** Why a request can never be answered; null where it can. */
function refusalOf(
  kind: LastingRequestKind,
  resources: readonly string[],
  lane: Lane | undefined,
  connector: Connector,
): Pick<Answer, 'code' | 'detail'> | null {
  if (kind === 'check-permissions' && connector.prepare === undefined) {
    return { code: 'no-permissions', detail: 'this vendor has no permissions that could be checked' };
  }
  if (kind === 'compare' && lane !== undefined && !canCompare(resources, lane)) {
    const detail = 'nothing of it can be compared: it is not read to its end yet, or there is no list of everything';
    return { code: 'not-comparable', detail };
  }
  return null;
}

interface Held {
  row: RequestRow;
  isBusy: boolean;
  toldAt: number;
  told: string;
}

/** Requests that go on for a while, of the shards that this process owns: durable, a bounded step at a time. */
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
  async begin({ request, tenant, shard, isEnabled }: Question, kind: LastingRequestKind): Promise<Answer> {
    const { requestId, tenantId, resource, recordIds } = request;
    if (resource !== null && !isEnabled(resource)) {
      return { status: 'refused', code: 'not-enabled', detail: `the resource ${resource} is not enabled` };
    }
    if (tenant.state === 'withdrawn') return { status: 'refused', code: 'tenant-not-served' };
    if (recordIds !== null && resource === null) return { status: 'refused', code: 'invalid-request' };
    const held = await this.of(shard);
    if (held.has(requestId)) return { status: 'accepted' };
    const { connector } = this.ports.process;
    const resources = resource === null ? connector.resources.map(({ name }) => name) : [resource];
    const refusal = refusalOf(kind, resources, shard.lanes.get(tenantId), connector);
    if (refusal !== null) return { status: 'refused', ...refusal };
    const state: RequestState = {
      kind,
      resources,
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
      const next = state.walked ? state : await STEPS[state.kind]({ row: job.row, shard }, lane, this.ports);
      job.row = { ...job.row, state: next };
      const waiting = waitingOf(job.row, lane);
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
