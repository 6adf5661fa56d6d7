import { fullJitter, type BackoffLimits } from '@relay/http-client';
import { allowedSilence, type Hours } from './hours.js';
import { slotAt } from './local-week.js';
import { expectation, isAssumed, isLearnt, nextOpening } from './week-levels.js';

/**
 * How a tenant's own server stands. `sleeping`: it does not answer when it never does, or on a day off of many. `late`: it
 * is expected to answer and does not, for no longer than it ever was. `broken`: for longer. `unknown`: it does not answer,
 * and its hours are not learnt yet.
 */
export type Standing = 'online' | 'sleeping' | 'late' | 'broken' | 'unknown';

export interface Presence {
  readonly standing: Standing;
  /** Since when nothing has answered, ms; null while it answers. */
  readonly since: number | null;
  /** When it is expected to answer, ms: not after now when it should already. Null while it answers, or when nobody knows. */
  readonly expectedAt: number | null;
  /** Many of its kind are away where they were expected. */
  readonly dayOff: boolean;
  /** For how long of that it was expected, and it was no day off of many, ms. */
  readonly lateMs: number;
  /** For so much of it an answer could be expected that it is away, not just late for the minute: days off go by that. */
  readonly isAway: boolean;
}

export const ONLINE: Presence = {
  standing: 'online',
  since: null,
  expectedAt: null,
  dayOff: false,
  lateMs: 0,
  isAway: false,
};

/** Every office is late now and then; half an hour is no such thing any more. */
const AWAY_MS = 1_800_000;

/** One that has never answered, or too seldom to learn from, is broken after three days: a long weekend is shorter. */
const UNLEARNT_BROKEN_MS = 3 * 86_400_000;

/** `commonAbsence`: many of its kind are away where they were expected. */
export function presenceOf(hours: Hours, now: number, zone: string, commonAbsence: boolean): Presence {
  const { silentSince: since, levels, openSilenceMs: lateMs } = hours;
  if (since === null) return ONLINE;
  const slot = slotAt(zone, now);
  // Of one whose hours nobody knows at all it is not said that it is late.
  const isExpected = expectation(levels, slot) === 'awake' || (isLearnt(levels) && isAssumed(levels, slot));
  const dayOff = commonAbsence && isExpected;
  const expectedAt = isExpected && !dayOff ? now : nextOpening(levels, slot, zone);
  const isAway = lateMs + hours.excusedMs >= AWAY_MS;
  const at = (standing: Standing): Presence => ({ standing, since, expectedAt, dayOff, lateMs, isAway });
  if (lateMs > allowedSilence(hours, now)) return at('broken');
  if (dayOff) return at('sleeping');
  if (isExpected) return at('late');
  if (isLearnt(levels)) return at('sleeping');
  return at(now - since > UNLEARNT_BROKEN_MS ? 'broken' : 'unknown');
}

/** Around a learnt opening it is asked this often; longer pauses follow from the longest that is allowed. */
const DENSE_MS = 120_000;
/** The learnt hour has an edge: somebody may come earlier. */
const EARLY_MS = 2_700_000;
const LATE_DENSE_MS = 3_600_000;
const LATE_FACTOR = 2.5;

/**
 * When a tenant that does not answer is asked again, ms: rarely while it sleeps, often around the hour at which it is
 * expected, rarely again when it is not back long after it. `opens` = failed probes in a row. Pauses are drawn, so that
 * those who sleep alike are not asked alike.
 */
export function probeAt(
  presence: Presence,
  now: number,
  limits: BackoffLimits & { readonly opens: number },
  random: () => number,
): number {
  const dense = Math.min(limits.maxMs, Math.max(limits.minMs, DENSE_MS));
  const around = (pause: number): number => now + Math.ceil(pause * (0.75 + random() / 2));
  switch (presence.standing) {
    case 'online':
      return now;
    case 'sleeping':
      return asleepUntil(presence, now, { dense, sparse: 2 * limits.maxMs, limits }, random);
    case 'late':
      return around(presence.lateMs < LATE_DENSE_MS ? dense : LATE_FACTOR * dense);
    case 'broken':
      return around(limits.maxMs);
    case 'unknown':
      return now + fullJitter(limits, limits.opens, random);
    default:
      return presence.standing satisfies never;
  }
}

function asleepUntil(
  { expectedAt, dayOff }: Presence,
  now: number,
  pace: {
    readonly dense: number;
    readonly sparse: number;
    readonly limits: BackoffLimits & { readonly opens: number };
  },
  random: () => number,
): number {
  const { dense, sparse, limits } = pace;
  // On a day off it may still open late.
  const pause = Math.ceil((dayOff ? limits.maxMs : sparse) * (0.75 + random() / 2));
  if (expectedAt === null) return now + fullJitter(limits, limits.opens, random);
  const denseFrom = expectedAt - Math.min(EARLY_MS, 2 * limits.maxMs);
  if (now >= denseFrom) return now + Math.ceil(dense * (0.75 + random() / 2));
  return Math.min(now + pause, denseFrom + Math.floor(random() * dense));
}
