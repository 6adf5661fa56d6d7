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
const WORKDAYS = 5;

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
  for (const level of levels) if (level !== '-') known += 1;
  return known >= SLOTS_OF_DAY / 2;
}

/** When it is expected to answer next after a half hour, ms; null: nothing is known that would tell. */
export function nextOpening(levels: WeekLevels, slot: number, zone: string): number | null {
  for (let ahead = 1; ahead <= SLOTS_OF_WEEK; ahead += 1) {
    if (expectation(levels, slot + ahead) === 'awake') return slotStart(zone, slot + ahead);
  }
  return null;
}

/** A workday that was never seen is like the others of them; a Saturday is like nothing else. */
function likeOtherDays(levels: WeekLevels, at: number): number | null {
  const [day, ofDay] = [Math.floor(at / SLOTS_OF_DAY), at % SLOTS_OF_DAY];
  if (day >= WORKDAYS) return null;
  let sum = 0;
  let known = 0;
  for (let other = 0; other < WORKDAYS; other += 1) {
    const level = levelAt(levels, other * SLOTS_OF_DAY + ofDay);
    if (level === null) continue;
    sum += level;
    known += 1;
  }
  return known < 2 ? null : sum / known;
}

function levelAt(levels: WeekLevels, at: number): number | null {
  const level = levels.charAt(at);
  return level === '-' || level === '' ? null : Number(level);
}
