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
/** Nine to five: hardly any practice opens later or closes earlier. */
const ASSUMED_FROM = 18;
const ASSUMED_TO = 34;
/** A server that is switched off at night is up for less than half of a day. */
const HARDLY_EVER = 0.8;

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

/** Whether anything was learnt of a half hour of the week. */
export function isKnown(levels: WeekLevels, slot: number): boolean {
  return levelAt(levels, slotOfWeek(slot)) !== null;
}

/** Whether an answer is expected in a half hour: yes, no, or nothing is known that would tell. */
export function expectation(levels: WeekLevels, slot: number): 'awake' | 'asleep' | 'open' {
  const at = slotOfWeek(slot);
  const level = levelAt(levels, at) ?? likeOtherDays(levels, at);
  if (level === null) return 'open';
  if (level >= AWAKE) return 'awake';
  return level <= ASLEEP ? 'asleep' : 'open';
}

/**
 * Whether a half hour of which nothing is known yet is taken for one in which somebody is there: as on a workday that was
 * seen, else nine to five on workdays; any, of a server that was hardly ever seen asleep in a whole day. `expectation` says
 * nothing of it: it is good for a first alert, not for the hour at which somebody is looked for.
 */
export function isAssumed(levels: WeekLevels, slot: number): boolean {
  const at = slotOfWeek(slot);
  if (levelAt(levels, at) !== null) return false;
  if (at < SLOTS_OF_WORKDAYS) {
    const ofDay = at % SLOTS_OF_DAY;
    const { days, most } = knownWorkdays(levels, ofDay);
    if (days > 0) return most >= AWAKE;
    if (ofDay >= ASSUMED_FROM && ofDay < ASSUMED_TO) return true;
  }
  return isHardlyEverAsleep(levels);
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

function isHardlyEverAsleep(levels: WeekLevels): boolean {
  let known = 0;
  let awake = 0;
  for (let at = 0; at < SLOTS_OF_WEEK; at += 1) {
    const level = levelAt(levels, at);
    if (level === null) continue;
    known += 1;
    if (level >= AWAKE) awake += 1;
  }
  return known >= SLOTS_OF_DAY && awake >= HARDLY_EVER * known;
}

/** A workday that was never seen is like the others of them; a Saturday is like nothing else. */
function likeOtherDays(levels: WeekLevels, at: number): number | null {
  if (at >= SLOTS_OF_WORKDAYS) return null;
  const { days, sum } = knownWorkdays(levels, at % SLOTS_OF_DAY);
  return days < 2 ? null : sum / days;
}

interface KnownDays {
  readonly days: number;
  readonly sum: number;
  /** The highest of their levels. */
  readonly most: number;
}

/** What is known of a half hour of the day on workdays. */
function knownWorkdays(levels: WeekLevels, ofDay: number): KnownDays {
  let days = 0;
  let sum = 0;
  let most = 0;
  for (let at = ofDay; at < SLOTS_OF_WORKDAYS; at += SLOTS_OF_DAY) {
    const level = levelAt(levels, at);
    if (level === null) continue;
    days += 1;
    sum += level;
    most = Math.max(most, level);
  }
  return { days, sum, most };
}

/** Looked at a thousand times for each call that is not answered: by character codes, without a string for each. */
function levelAt(levels: WeekLevels, at: number): number | null {
  const level = levels.charCodeAt(at) - ZERO;
  return level >= 0 && level <= 9 ? level : null;
}

const ZERO = '0'.charCodeAt(0);
