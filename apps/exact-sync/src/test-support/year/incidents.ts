import { HOUR, MINUTE, type PracticeLife, type Span } from './practice-life.js';

/** A time in which a practice did not answer, and how much of it lay in its own usual hours. */
export interface Incident extends Span {
  readonly dueMs: number;
  /** When so much of it had passed that somebody should know. */
  readonly tellFrom: number;
}

/** Of its usual hours: silent for longer is to be told, silent for less must not be. */
const TO_BE_TOLD_MS = 2 * HOUR;
const MAY_BE_TOLD_MS = 20 * MINUTE;

/** All silences of a practice that touch its own usual hours for as long as may be told. */
export function incidentsOf({ up, due }: PracticeLife, from: number, to: number): Incident[] {
  const incidents: Incident[] = [];
  let last = from;
  for (const span of [...up, { from: to, to }]) {
    const [dueMs, tellFrom] = overlap(due, last, span.from);
    if (dueMs >= MAY_BE_TOLD_MS) incidents.push({ from: last, to: span.from, dueMs, tellFrom });
    last = span.to;
  }
  return incidents;
}

export interface AlertCount {
  readonly alerts: number;
  /** Told although the practice was there, or nobody could expect it. */
  readonly false: number;
  /** Told on the first of a weekday on which a practice is always closed. */
  readonly firstClosed: number;
  /** Silences of two hours and more of its usual hours; and how many of them nobody was told of while they lasted. */
  readonly due: number;
  readonly missed: number;
  /** Of those, in the first week of a practice: nobody knows its hours. */
  readonly unlearntDue: number;
  readonly unlearntMissed: number;
}

/** Compares when somebody was told that a practice is broken with what really happened to it. */
export function judgeAlerts(
  { incidents, firstClosed }: { incidents: readonly Incident[]; firstClosed: readonly Span[] },
  alerts: readonly number[],
  learntFrom: number,
): AlertCount {
  const isIn = ({ tellFrom, to }: Incident, at: number): boolean => at >= tellFrom && at <= to + 5 * MINUTE;
  const isMissed = (incident: Incident): boolean => !alerts.some((at) => isIn(incident, at));
  const isUnlearnt = ({ from }: Incident): boolean => from < learntFrom;
  const isFirstClosed = (at: number): boolean => firstClosed.some(({ from, to }) => at >= from && at < to);
  const wrong = alerts.filter((at) => !incidents.some((incident) => isIn(incident, at)));
  const due = incidents.filter(({ dueMs }) => dueMs >= TO_BE_TOLD_MS);
  return {
    alerts: alerts.length,
    false: wrong.filter((at) => !isFirstClosed(at)).length,
    firstClosed: wrong.filter(isFirstClosed).length,
    due: due.length,
    missed: due.filter(isMissed).length,
    unlearntDue: due.filter(isUnlearnt).length,
    unlearntMissed: due.filter((incident) => isUnlearnt(incident) && isMissed(incident)).length,
  };
}

/** How much of the due spans lies in a time, and when so much of that had passed that it may be told. */
function overlap(due: readonly Span[], from: number, to: number): [dueMs: number, tellFrom: number] {
  let sum = 0;
  let tellFrom = to;
  for (const span of due) {
    const start = Math.max(from, span.from);
    const length = Math.min(to, span.to) - start;
    if (length <= 0) continue;
    if (sum < MAY_BE_TOLD_MS && sum + length >= MAY_BE_TOLD_MS) tellFrom = start + MAY_BE_TOLD_MS - sum;
    sum += length;
  }
  return [sum, tellFrom];
}
