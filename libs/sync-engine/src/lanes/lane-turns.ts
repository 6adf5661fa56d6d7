import type { TenantValue } from '@relay/contracts';
import { breakerAllows } from '@relay/http-client';
import type { LaneState } from '../core/lane-state.js';
import { turnOrder } from '../core/turn-order.js';
import { WORK_CLASSES } from '../core/work-shares.js';
import type { CallSlot } from './call-slots.js';
import type { LaneAgenda } from './lane-agenda.js';
import type { Wakeable } from './lane-clock.js';
import type { LaneProcess, LaneShard } from './lane-ports.js';
import { isPrepareDue, specOf } from './lane-standing.js';
import type { LaneWork } from './lane-work.js';

/** What turns go by. */
export interface TurnsLane extends Wakeable {
  readonly tenant: TenantValue;
  readonly tenantId: string;
  readonly state: LaneState;
  readonly shard: Pick<LaneShard, 'isCongested'>;
  readonly signal: AbortSignal;
  isPrepared(): boolean;
}

/** A lane that finds nothing although something is due looks again after this: never a busy loop. */
const LEAST_PAUSE_MS = 50;
const DEFECT_PAUSE_MS = 30_000;

/**
 * When which of a lane's work is done (`core/turn-order.ts`). A turn is one call: for each the lane stands in line for a slot
 * again, so no tenant holds up another.
 */
export class LaneTurns {
  private running = 0;
  private preparing = false;
  private turn = 0;
  /** Its last call took long: the next one does not begin in a place of the quick. */
  private isSlow = false;

  /** `run` does one piece of work. It throws only when the shard is lost or we are wrong. */
  constructor(
    private readonly lane: TurnsLane,
    private readonly agenda: LaneAgenda,
    private readonly process: LaneProcess,
    private readonly run: (work: LaneWork, slot: CallSlot, probing: boolean) => Promise<void>,
  ) {}

  /** Starts as much as may run now and has the clock wake the lane for the rest. */
  take(): void {
    const now = this.process.now();
    const from = this.openFrom(now);
    if (from <= now) {
      const most = this.isProbing() ? 1 : this.process.concurrency;
      const free = Math.min(most - this.running, this.dueWork(now));
      for (let i = 0; i < free; i += 1) void this.step();
    }
    this.rest(now, from);
  }

  /** From when on calls may be made at all. */
  private openFrom(now: number): number {
    if (this.lane.tenant.state !== 'active') return Infinity;
    const { breaker, block } = this.lane.state;
    const congested = this.lane.shard.isCongested() ? now + 250 : 0;
    const tells = breaker.until === null && !this.isSlow;
    return Math.max(breaker.until ?? 0, block?.until ?? 0, this.process.gateway.openFrom(now, tells), congested);
  }

  /** Something is wrong with the tenant: one call at a time finds out whether it still is. */
  private isProbing(): boolean {
    const { breaker, block } = this.lane.state;
    return block !== null || breakerAllows(breaker, this.process.now()) !== 'closed';
  }

  private dueWork(now: number): number {
    if (this.lane.state.block?.kind === 'tenant-not-found') return this.preparing ? 0 : 1;
    const due = this.agenda.dueCount(now, this.process.concurrency, this.lane.isPrepared());
    return this.isPrepareDue(now) ? due + 1 : due;
  }

  private rest(now: number, from: number): void {
    const { clock, places } = this.process;
    const { tenantId, state } = this.lane;
    const outlook = this.agenda.outlook(now, this.lane.isPrepared());
    if (from <= now && outlook.waitsForPlace) places.await(tenantId, () => this.lane.wake());
    let { next } = outlook;
    if (this.isPrepareDue(now)) next = now;
    else if (this.isPrepareDue(Infinity)) next = Math.min(next, state.prepareAt ?? 0);
    if (state.block?.kind === 'tenant-not-found') next = from;
    if (from === Infinity || next === Infinity) return clock.schedule(this.lane, null);
    // What is due and not running was refused for a moment, or stands in line for a slot, whose end wakes the lane anyway.
    clock.schedule(this.lane, Math.max(next, from, now + LEAST_PAUSE_MS));
  }

  private async step(): Promise<void> {
    this.running += 1;
    let worked = false;
    try {
      const probing = this.isProbing();
      const pool = probing || this.isSlow ? 'slow' : 'ordinary';
      const slot = await this.process.slots.acquire(pool, this.lane.signal);
      try {
        const work = this.choose(this.process.now(), probing);
        if (work !== null) {
          worked = true;
          this.process.gateway.entered(this.process.now());
          await this.perform(work, slot, probing);
        }
      } finally {
        slot.release();
        this.isSlow = slot.wasSlow ?? this.isSlow;
      }
    } catch (error) {
      if (!this.lane.signal.aborted) {
        this.process.log.error({ tenantId: this.lane.tenantId, err: error }, 'a lane could not do its work');
      }
    } finally {
      this.running -= 1;
    }
    if (worked) this.lane.wake();
  }

  private async perform(work: LaneWork, slot: CallSlot, probing: boolean): Promise<void> {
    try {
      await this.run(work, slot, probing);
    } catch (error) {
      // A defect of ours must not be repeated at full speed.
      const now = this.process.now();
      if (work.kind === 'fetch') this.agenda.queue.retry(work.entry, () => DEFECT_PAUSE_MS, now);
      if (work.kind === 'page') this.agenda.throttle(work.spec.name, work.work, now + DEFECT_PAUSE_MS);
      throw error;
    } finally {
      if (work.kind === 'fetch') this.agenda.queue.done(work.entry);
      if (work.kind === 'page') this.agenda.passDone(work);
      if (work.kind === 'prepare' || work.kind === 'probe') this.preparing = false;
    }
  }

  /** Takes the most urgent thing that may be done now; now and then what is less urgent comes first. */
  private choose(now: number, probing: boolean): LaneWork | null {
    if (this.openFrom(now) > now) return null;
    if (!probing && this.isProbing()) return null;
    if (this.lane.state.block?.kind === 'tenant-not-found') {
      if (this.preparing) return null;
      this.preparing = true;
      return { kind: 'probe' };
    }
    for (const work of this.isPrepareDue(now) ? WORK_CLASSES : turnOrder(this.turn)) {
      const entry = this.agenda.takeRecord(work, now);
      if (entry !== null) {
        this.turn += 1;
        return { kind: 'fetch', entry, spec: specOf(this.process.connector, entry.resource), work };
      }
      if (work === 'live' && this.isPrepareDue(now)) {
        this.preparing = true;
        return { kind: 'prepare' };
      }
      const due = this.lane.isPrepared() ? this.agenda.takePass(work, now) : null;
      if (due !== null) {
        this.turn += 1;
        return { kind: 'page', ...due, work };
      }
    }
    return null;
  }

  private isPrepareDue(now: number): boolean {
    return !this.preparing && isPrepareDue(this.lane.state, this.lane.tenant, this.process.connector, now);
  }
}
