import { SLOT_MS, slotAt } from './local-week.js';
import {
  UNKNOWN_WEEK,
  expectation,
  isAssumed,
  isKnown,
  learnt,
  type MetInSlot,
  type WeekLevels,
} from './week-levels.js';

/** What is known of when a tenant's own server answers: plain data of a few hundred bytes, kept with the lane. */
export interface Hours {
  readonly levels: WeekLevels;
  /** The half hour that is being observed, of the tenant's own calendar, and what was met in it. */
  readonly slot: number;
  readonly met: MetInSlot | null;
  /** Since when nothing has answered, ms; null: the last call was answered. */
  readonly silentSince: number | null;
  /** How much of this silence lay where an answer was expected, ms, reckoned up to `countedTo`. */
  readonly openSilenceMs: number;
  readonly countedTo: number;
  /** How much of it lay in a day off of many, ms. */
  readonly excusedMs: number;
  /**
   * The longest such silence of which nobody was told, ms, and when it ended; forgotten by half in `LONGEST_HALVES_MS`. One that
   * lasted longer than was allowed counts for that: an accident is no habit.
   */
  readonly longestMs: number;
  readonly longestAt: number;
}

export const NEW_HOURS: Hours = {
  levels: UNKNOWN_WEEK,
  slot: 0,
  met: null,
  silentSince: null,
  openSilenceMs: 0,
  countedTo: 0,
  excusedMs: 0,
  longestMs: 0,
  longestAt: 0,
};

/** A silence shorter than this is a hiccup: nothing is learnt from it. */
const HICCUP_MS = 600_000;
const LONGEST_HALVES_MS = 28 * 86_400_000;
/**
 * The least silence in learnt hours that is not usual: restarts, updates and late openings are shorter, and on a day off the
 * first to open must not be told of before the others could be missed.
 */
const LEAST_ALLOWED_MS = 5_400_000;
/** However long it was before: after a whole working day somebody is told. */
const MOST_ALLOWED_MS = 10 * 3_600_000;
const ALLOWED_FACTOR = 1.5;
/** Nobody is told before twice the time where hours are not learnt: the first working days, and each weekday's first. */
const ASSUMED_WEIGHT = 0.5;
/** Three hours. */
const DEEP_SLOTS = 6;

/** Its server has answered. The same object when that is no news. */
export function heard(hours: Hours, now: number, zone: string): Hours {
  const slot = slotAt(zone, now);
  if (slot === hours.slot && hours.silentSince === null && hours.met !== null) return hours;
  const { silentSince } = hours;
  const isHiccup = silentSince === null || now - silentSince < HICCUP_MS;
  const moved = inSlot(hours, slot, true);
  const met = moved.met === null || (moved.met === 'silent' && isHiccup) ? 'answered' : bothIf(moved.met, 'silent');
  const taught = isHiccup ? {} : longestAfter(hours, now);
  return { ...moved, ...taught, met, silentSince: null, openSilenceMs: 0, excusedMs: 0, countedTo: now };
}

/**
 * Its server has not answered. `excused`: many of its kind are away (a holiday): nothing is learnt of such a day, and it
 * is not reckoned as a silence in which somebody was expected.
 */
export function silent(hours: Hours, now: number, zone: string, excused: boolean): Hours {
  const since = hours.silentSince ?? now;
  const from = hours.silentSince === null ? now : hours.countedTo;
  const slot = slotAt(zone, now);
  // Who has left a little early is no later for that in the morning.
  if (isDeepAsleep(hours, slot, now)) return slept(hours, slot, now, excused);
  const more = expectedBetween(hours, from, now, zone);
  const openSilenceMs = hours.openSilenceMs + (excused ? 0 : more);
  const excusedMs = hours.excusedMs + (excused ? more : 0);
  const isUsual = openSilenceMs <= allowedSilence(hours, now);
  const learns = (of: number): boolean => teaches(hours.levels, of, { excused, isUsual });
  const moved = inSlot(hours, slot, learns(hours.slot));
  const isHiccup = now - since < HICCUP_MS;
  const met = moved.met === 'answered' && isHiccup ? moved.met : bothIf(moved.met, 'answered');
  const meets = learns(slot) ? (met ?? 'silent') : moved.met;
  return { ...moved, met: meets, silentSince: since, openSilenceMs, excusedMs, countedTo: now };
}

/**
 * Whether silence says anything of a half hour. What does not answer for longer than ever unlearns nothing, it is to be
 * expected again when it is back; but where nothing was known yet there is nothing to unlearn, and whoever is simply closed
 * on a weekday must not be told of each week. Of a day off of many no hour is learnt in which somebody is expected.
 */
function teaches(
  levels: WeekLevels,
  slot: number,
  of: { readonly excused: boolean; readonly isUsual: boolean },
): boolean {
  if (isKnown(levels, slot)) return of.isUsual && !of.excused;
  return !of.excused || weightOf(levels, slot) === 0;
}

/** It has been asleep for hours, as it is at this time, and nobody misses it. */
function isDeepAsleep(hours: Hours, slot: number, now: number): boolean {
  const { levels, silentSince, openSilenceMs } = hours;
  const isNight = expectation(levels, slot) === 'asleep' && expectation(levels, slot - DEEP_SLOTS) === 'asleep';
  return isNight && silentSince !== null && openSilenceMs <= allowedSilence(hours, now);
}

function slept(hours: Hours, slot: number, now: number, excused: boolean): Hours {
  const moved = inSlot(hours, slot, !excused);
  return { ...moved, met: excused ? moved.met : 'silent', openSilenceMs: 0, excusedMs: 0, countedTo: now };
}

/** How long it may be silent in learnt hours before that is unusual, ms. */
export function allowedSilence({ longestMs, longestAt }: Hours, now: number): number {
  const usual = longestMs * 2 ** (-Math.max(0, now - longestAt) / LONGEST_HALVES_MS) * ALLOWED_FACTOR;
  return Math.min(MOST_ALLOWED_MS, Math.max(LEAST_ALLOWED_MS, usual));
}

/** The half hour that was observed is over: it is learnt, and the next one begins. */
function inSlot(hours: Hours, slot: number, learns: boolean): Hours {
  if (slot === hours.slot) return hours;
  const { met, levels } = hours;
  return { ...hours, slot, met: null, levels: met === null || !learns ? levels : learnt(levels, hours.slot, met) };
}

function bothIf(met: MetInSlot | null, other: MetInSlot): MetInSlot | null {
  return met === other ? 'both' : met;
}

function longestAfter(hours: Hours, now: number): Partial<Hours> {
  const { longestMs, longestAt, openSilenceMs } = hours;
  const left = longestMs * 2 ** (-Math.max(0, now - longestAt) / LONGEST_HALVES_MS);
  const lasted = Math.min(openSilenceMs, allowedSilence(hours, now));
  return lasted > left ? { longestMs: lasted, longestAt: now } : {};
}

/**
 * How much of a time lay in half hours in which an answer is expected; of those in which it is only assumed, half. Of a long
 * time the first week and a half counts.
 */
function expectedBetween({ levels }: Hours, from: number, to: number, zone: string): number {
  let sum = 0;
  let at = from;
  for (let steps = 0; at < to && steps < MOST_STEPS; steps += 1) {
    // Zones differ by whole quarters of an hour, so half hours end at such instants.
    const end = Math.min(to, (Math.floor(at / QUARTER_MS) + 1) * QUARTER_MS);
    sum += (end - at) * weightOf(levels, slotAt(zone, at));
    at = end;
  }
  return sum;
}

function weightOf(levels: WeekLevels, slot: number): number {
  switch (expectation(levels, slot)) {
    case 'awake':
      return 1;
    case 'asleep':
      return 0;
    case 'open':
    default:
      return isAssumed(levels, slot) ? ASSUMED_WEIGHT : 0;
  }
}

const QUARTER_MS = SLOT_MS / 2;
const MOST_STEPS = 1_000;
