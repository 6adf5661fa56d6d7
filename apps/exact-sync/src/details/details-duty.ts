import type { PracticeDetailsValue, TenantValue } from '@relay/contracts';
import { fullJitter } from '@relay/http-client';
import { pause, systemClock, type Clock } from '@relay/service-kit';
import type { ShardDuty, ShardHandle } from '@relay/sync-engine';
import type { PracticeCalls } from '../calls/practice-calls.js';
import { DetailsSchedule } from './details-schedule.js';
import { detailsValue } from './details-value.js';

export interface DetailsDutyOptions {
  readonly calls: PracticeCalls;
  readonly attemptTimeoutMs: number;
  readonly backoffMinMs: number;
  readonly backoffMaxMs: number;
  /** The resources that are enabled. */
  readonly resources: readonly string[];
  /** Whether a practice is too old for one of them: its details then tell when it no longer is. */
  lacks?(tenant: TenantValue): boolean;
  publish(value: PracticeDetailsValue): Promise<void>;
  readonly log: { warn(fields: object, message: string): void };
  readonly clock?: Pick<Clock, 'now' | 'after'>;
  /** From 0 up to 1. */
  readonly random?: () => number;
}

/** A new practice waits at most this long for its details to be asked for. */
const TICK_MS = 250;
/** Calls for details at once, over a shard: they go to a gateway that the lanes need as well. */
const AT_ONCE = 4;
/** Waits that are nobody's fault: no token yet, our own rate, the vendor's. */
const SHORT_MS = 1_000;

/**
 * Reads the details of practices that wait to become active, often those of practices that are too old for something or
 * whose subscription is in doubt, and of the others once a day. A practice whose details
 * cannot be read backs off by itself.
 */
export class DetailsDuty implements ShardDuty {
  private readonly schedules = new Map<number, { epoch: number; schedule: DetailsSchedule }>();
  private readonly clock: Pick<Clock, 'now' | 'after'>;
  private readonly random: () => number;

  constructor(private readonly options: DetailsDutyOptions) {
    this.clock = options.clock ?? systemClock;
    this.random = options.random ?? Math.random;
  }

  start(shard: ShardHandle): void {
    const schedule = new DetailsSchedule(this.random);
    for (const tenant of shard.tenants()) schedule.note(tenant, this.clock.now());
    this.schedules.set(shard.shard, { epoch: shard.epoch, schedule });
    void this.run(shard, schedule);
  }

  tenantChanged(shard: ShardHandle, tenant: TenantValue): void {
    const held = this.schedules.get(shard.shard);
    if (held?.epoch === shard.epoch) held.schedule.note(tenant, this.clock.now());
  }

  private async run(shard: ShardHandle, schedule: DetailsSchedule): Promise<void> {
    let running = 0;
    while (!shard.signal.aborted) {
      for (const tenant of schedule.take(this.clock.now(), AT_ONCE - running)) {
        running += 1;
        void this.read(shard.signal, tenant, schedule).finally(() => {
          running -= 1;
        });
      }
      await pause(this.clock, TICK_MS, shard.signal);
    }
    if (this.schedules.get(shard.shard)?.schedule === schedule) this.schedules.delete(shard.shard);
  }

  private async read(signal: AbortSignal, tenant: TenantValue, schedule: DetailsSchedule): Promise<void> {
    const { tenantId } = tenant;
    const fault = await this.readOnce(signal, tenant).catch((error: unknown) =>
      error instanceof Error ? error.message : String(error),
    );
    if (signal.aborted) return;
    if (fault === null) {
      return schedule.settle(tenantId, this.clock.now(), null, this.options.lacks?.(tenant) ?? false);
    }
    const nobodysFault = fault === 'no-token' || fault === 'unauthorized' || fault === 'throttled';
    schedule.settle(tenantId, this.clock.now(), (failures) => {
      if (nobodysFault) return SHORT_MS;
      if (failures === 1) this.options.log.warn({ tenantId, fault }, 'practice details could not be read');
      const { backoffMinMs: minMs, backoffMaxMs: maxMs } = this.options;
      return Math.max(minMs, fullJitter({ minMs, maxMs }, failures, this.random));
    });
  }

  /** Null when the details were published; else what went wrong. */
  private async readOnce(signal: AbortSignal, tenant: TenantValue): Promise<string | null> {
    const call = { tenant, work: 'reconcile', signal, timeoutMs: this.options.attemptTimeoutMs } as const;
    const observedAt = this.clock.now();
    const answer = await this.options.calls.get(call, { resource: 'practice', segment: 'details', whatVersion: 'any' });
    if (answer.kind !== 'success') return 'detail' in answer ? answer.detail : answer.kind;
    const value = detailsValue(tenant, answer.text, observedAt, this.options.resources);
    if (value === null) return 'not-a-json-object';
    if (!signal.aborted) await this.options.publish(value);
    return null;
  }
}
