import { SLOTS_OF_DAY, SLOTS_OF_WEEK, slotOfWeek, slotStart } from './local-week.js';

/**
 * What was learnt of a week, a character for each half hour from Monday's midnight on: `0` nothing ever answers … `9` it
 * always does; `-` not known yet.
 */
export type WeekLevels = string;

export const UNKNOWN_WEEK: WeekLevels = '-'.repeat(SLOTS_OF_WEEK);

/** What was met in a half hour: an answer, silence, or first one and then the other. */
export type MetInSlot = 'answered' | 'silent' | 'both';

/** From here on it is expected to answer; up to there it is expected not to. In between nothing is expected. */
const AWAKE = 6;
const ASLEEP = 3;
const FIRST: Readonly<Record<MetInSlot, number>> = { answered: 7, silent: 2, both: 5 };
/** A week moves a level by a third of the way: one day off leaves an opening expected, two in a row leave it open. */
const SHARE = 3;
/** Monday to Friday. */
const SLOTS_OF_WORKDAYS = 5 * SLOTS_OF_DAY;

/** The levels after a half hour has passed. */
export function learnt(levels: WeekLevels, slot: number, met: MetInSlot): WeekLevels {
  const at = slotOfWeek(slot);
  const before = levelAt(levels, at);
  const after = before === null ? FIRST[met] : moved(before, met);
  return after === before ? levels : `${levels.slice(0, at)}${after}${levels.slice(at + 1)}`;
}

function moved(level: number, met: MetInSlot): number {
  switch (met) {
    case 'answered':
      return level + Math.ceil((9 - level) / SHARE);
    case 'silent':
      return level - Math.ceil(level / SHARE);
    case 'both':
      return level + Math.sign(5 - level);
    default:
      return met satisfies never;
  }
}

/** Whether an answer is expected in a half hour: yes, no, or nothing is known that would tell. */
export function expectation(levels: WeekLevels, slot: number): 'awake' | 'asleep' | 'open' {
  const at = slotOfWeek(slot);
  const level = levelAt(levels, at) ?? likeOtherDays(levels, at);
  if (level === null) return 'open';
  if (level >= AWAKE) return 'awake';
  return level <= ASLEEP ? 'asleep' : 'open';
}

/** True once a whole day, if no more, was learnt. */
export function isLearnt(levels: WeekLevels): boolean {
  let known = 0;
  for (let at = 0; at < SLOTS_OF_WEEK; at += 1) {
    if (levelAt(levels, at) !== null && ++known >= SLOTS_OF_DAY / 2) return true;
  }
  return false;
}

/** When it is expected to answer next after a half hour, ms; null: nothing is known that would tell. */
export function nextOpening(levels: WeekLevels, slot: number, zone: string): number | null {
  // Without a half hour that is, none can be taken to be like it.
  if (!hasAwake(levels)) return null;
  const now = slotOfWeek(slot);
  for (let ahead = 1; ahead <= SLOTS_OF_WEEK; ahead += 1) {
    const at = (now + ahead) % SLOTS_OF_WEEK;
    if ((levelAt(levels, at) ?? likeOtherDays(levels, at) ?? 0) >= AWAKE) return slotStart(zone, slot + ahead);
  }
  return null;
}

function hasAwake(levels: WeekLevels): boolean {
  for (let at = 0; at < SLOTS_OF_WEEK; at += 1) if ((levelAt(levels, at) ?? 0) >= AWAKE) return true;
  return false;
}

/** A workday that was never seen is like the others of them; a Saturday is like nothing else. */
function likeOtherDays(levels: WeekLevels, at: number): number | null {
  if (at >= SLOTS_OF_WORKDAYS) return null;
  let sum = 0;
  let known = 0;
  for (let other = at % SLOTS_OF_DAY; other < SLOTS_OF_WORKDAYS; other += SLOTS_OF_DAY) {
    const level = levelAt(levels, other);
    if (level === null) continue;
    sum += level;
    known += 1;
  }
  return known < 2 ? null : sum / known;
}

/** Looked at a thousand times for each call that is not answered: by character codes, without a string for each. */
function levelAt(levels: WeekLevels, at: number): number | null {
  const level = levels.charCodeAt(at) - ZERO;
  return level >= 0 && level <= 9 ? level : null;
}

const ZERO = '0'.charCodeAt(0);
