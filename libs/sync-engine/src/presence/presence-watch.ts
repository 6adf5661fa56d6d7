import type { LaneLog } from '../lanes/lane-log.js';
import { CommonAbsence } from './core/common-absence.js';
import { GatewayOutage } from './core/gateway-outage.js';
import type { Presence, Standing } from './core/presence.js';

export const STANDINGS = ['online', 'sleeping', 'late', 'broken', 'unknown'] as const satisfies readonly Standing[];

/**
 * What the lanes of a process know together of tenants' own servers: whether the gateway that they share is out, on which
 * countries' day off it is, and how many stand how.
 */
export class PresenceWatch {
  private readonly outage = new GatewayOutage();
  private readonly absence = new CommonAbsence();
  private readonly standings = new Map<string, Standing>();
  private readonly counts = new Map<Standing, number>();
  private readonly forgivable = new Map<string, () => void>();

  constructor(private readonly log: Pick<LaneLog, 'info' | 'warn'>) {}

  isOut(now: number): boolean {
    return this.outage.outSince(now) !== null;
  }

  /** Groups on a day off. */
  get daysOff(): readonly string[] {
    return this.absence.common();
  }

  isDayOff(group: string): boolean {
    return this.absence.isCommon(group);
  }

  count(standing: Standing): number {
    return this.counts.get(standing) ?? 0;
  }

  /** A tenant has answered what it was asked at that instant. */
  answered(tenantId: string, askedAt: number): void {
    const since = this.outage.since;
    this.outage.answered(askedAt);
    this.forgivable.delete(tenantId);
    if (since !== null && this.outage.since === null)
      this.log.info({ since: new Date(since).toISOString() }, 'the gateway answers again');
  }

  /**
   * A tenant that had answered before does not. True: it is the gateway; those that were blamed for it are forgiven.
   * `forgive` takes back what is held against this one.
   */
  failed(tenantId: string, now: number, forgive: () => void): boolean {
    this.forgivable.set(tenantId, forgive);
    const forgiven = this.outage.failed(tenantId, now);
    if (forgiven === null) return this.isOut(now);
    this.log.warn({ practices: forgiven.length }, 'many practices fail at once: the gateway is taken to be out');
    for (const one of forgiven) {
      const takeBack = this.forgivable.get(one);
      this.forgivable.delete(one);
      if (one !== tenantId) takeBack?.();
    }
    return true;
  }

  /** How a tenant stands now. Becoming broken is told once. */
  note(tenantId: string, group: string, presence: Presence): void {
    const { standing, since, dayOff, lateMs } = presence;
    this.absence.note(tenantId, group, partOf(presence));
    const before = this.standings.get(tenantId);
    if (before === standing) return;
    this.move(tenantId, before, standing);
    const facts = { tenantId, since: since === null ? null : new Date(since).toISOString(), lateMs, dayOff };
    if (standing === 'broken') this.log.warn(facts, 'a practice is longer silent in its usual hours than it ever was');
    else if (before === 'broken') this.log.info(facts, 'a practice that was silent for long answers again');
  }

  /** It is called no more, or by another process. */
  forget(tenantId: string): void {
    this.absence.note(tenantId, '', null);
    this.forgivable.delete(tenantId);
    this.move(tenantId, this.standings.get(tenantId), null);
  }

  private move(tenantId: string, from: Standing | undefined, to: Standing | null): void {
    if (from !== undefined) this.counts.set(from, this.count(from) - 1);
    if (to === null) return void this.standings.delete(tenantId);
    this.standings.set(tenantId, to);
    this.counts.set(to, this.count(to) + 1);
  }
}

/** A night is no absence; who was away by day stays so until it answers, or the last to close would be alone with it. */
function partOf({ standing, isAway }: Presence): 'here' | 'absent' | null {
  if (standing === 'online') return 'here';
  return isAway ? 'absent' : null;
}
