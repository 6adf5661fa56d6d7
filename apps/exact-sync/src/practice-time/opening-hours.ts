import { localTime } from './local-time.js';

/** Minutes of the day between which a practice is taken to be at work. */
const OPENS = 8 * 60;
const CLOSES = 18 * 60;
const MINUTE = 60_000;

/**
 * Whether a practice is taken to be at work: Monday to Friday, from eight to six by its own clock. What nobody has learnt
 * yet of a practice's own hours; it errs on the side of leaving its server alone.
 */
export function isOpen(weekday: number, minute: number): boolean {
  return weekday >= 1 && weekday <= 5 && minute >= OPENS && minute < CLOSES;
}

/** When work that can wait may be done: now, or when the practice closes. */
export function closedFrom(zone: string, now: number): number {
  const { weekday, minute } = localTime(zone, now);
  if (!isOpen(weekday, minute)) return now;
  return Math.floor(now / MINUTE) * MINUTE + (CLOSES - minute) * MINUTE;
}
