import { breakerAfter, type Breaker } from '@relay/http-client';
import type { LaneState } from '../core/lane-state.js';
import type { LaneProcess } from '../lanes/lane-ports.js';
import type { TenantPlace } from '../ports/connector.js';
import { NEW_HOURS, heard, silent, type Hours } from './core/hours.js';
import { slotAt } from './core/local-week.js';
import { ONLINE, presenceOf, probeAt, type Presence } from './core/presence.js';
import { expectation } from './core/week-levels.js';

/** What the model needs of the lane whose tenant it is about. */
export interface PresenceLane {
  readonly tenantId: string;
  readonly state: LaneState;
  readonly process: Pick<LaneProcess, 'now' | 'random' | 'breaker' | 'presence'> & {
    readonly gateway: Pick<LaneProcess['gateway'], 'failedLately'>;
  };
  /** Null: the tenant has no server of its own, and no hours. */
  place(): TenantPlace | null;
  setState(change: Partial<LaneState>): void;
  wake(): void;
}

/** What follows from a call that was not answered. */
export type Silence =
  /** The gateway is out: nothing is held against the tenant. */
  | { readonly kind: 'gateway' }
  /** The gateway has failed by its own word, and nobody has been answered since: what it says of a tenant tells nothing. */
  | { readonly kind: 'unclear' }
  /** The tenant does not answer: its state, and when it is asked again. */
  | { readonly kind: 'own'; readonly change: Pick<LaneState, 'breaker' | 'hours'> };

/** The hours of one tenant's own server, learnt from its answers alone. */
export class LanePresence {
  constructor(private readonly lane: PresenceLane) {}

  /** How the tenant stands now; null = it has no server of its own. */
  get present(): Presence | null {
    const place = this.lane.place();
    if (place === null) return null;
    const { hours, breaker } = this.lane.state;
    // One that fails now and then is there.
    if (!hours || breaker.until === null) return ONLINE;
    const { now, presence: watch } = this.lane.process;
    return presenceOf(hours, now(), place.zone, watch.isDayOff(place.group));
  }

  /** Its server has answered what it was asked at that instant: what changes in the lane's state by that. */
  answered(askedAt = this.lane.process.now()): Pick<LaneState, 'hours'> | null {
    const place = this.lane.place();
    if (place === null) return null;
    const { tenantId, process } = this.lane;
    const now = process.now();
    process.presence.answered(tenantId, askedAt);
    process.presence.note(tenantId, place.group, ONLINE);
    const before = this.hours;
    const hours = heard(before, now, place.zone);
    return hours === before ? null : { hours };
  }

  /** Its server has not answered; null = it has none of its own. */
  silent(): Silence | null {
    const place = this.lane.place();
    if (place === null) return null;
    const { tenantId, process } = this.lane;
    const now = process.now();
    const before = this.hours;
    const watch = process.presence;
    const hadAnswered = before.silentSince === null && before.met !== null;
    // Who goes to sleep at the usual hour says nothing about the gateway.
    const isAsleep = expectation(before.levels, slotAt(place.zone, now)) === 'asleep';
    if (hadAnswered && !isAsleep && watch.failed(tenantId, now, this.forgiveness())) return { kind: 'gateway' };
    if (hadAnswered && process.gateway.failedLately(now)) return { kind: 'unclear' };
    // Who was away before the gateway was says nothing about it, nor it about them.
    const excused = watch.isOut(now) || watch.isDayOff(place.group);
    const hours = silent(before, now, place.zone, excused);
    const presence = presenceOf(hours, now, place.zone, watch.isDayOff(place.group));
    const breaker = this.breakerAfterSilence(presence, hours, now, place.zone);
    if (breaker.until !== null) watch.note(tenantId, place.group, presence);
    return { kind: 'own', change: { breaker, hours } };
  }

  /** It is called no more. */
  forget(): void {
    this.lane.process.presence.forget(this.lane.tenantId);
  }

  private get hours(): Hours {
    return this.lane.state.hours ?? NEW_HOURS;
  }

  /** Who is expected to sleep is not asked five times to be sure. */
  private breakerAfterSilence(presence: Presence, hours: Hours, now: number, zone: string): Breaker {
    const { breaker: limits, random } = this.lane.process;
    const before = this.lane.state.breaker;
    const after = breakerAfter(before, 'failure', now, limits, random);
    const isAsleep = expectation(hours.levels, slotAt(zone, now)) === 'asleep';
    if (after.until === null && !isAsleep) return after;
    // A late failure of a call that began before it opened says nothing new.
    if (before.until !== null && now < before.until) return after;
    const opens = Math.max(1, after.opens);
    return { ...after, opens, until: probeAt(presence, now, { ...limits, opens }, random) };
  }

  private forgiveness(): () => void {
    const { breaker, offlineSince, hours = null } = this.lane.state;
    return () => {
      this.lane.setState({ breaker, offlineSince, hours });
      this.lane.wake();
    };
  }
}
