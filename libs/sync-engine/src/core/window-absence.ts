import type { PassSpec } from '../ports/connector.js';
import type { PassCursor, PassName } from './model.js';

/** A record that a window pass no longer meets, and since when (ms). */
export type MovedRecord = readonly [recordId: string, at: number];

type CursorOf = (pass: PassName) => PassCursor;

const isWindow = (pass: PassSpec): boolean => pass.reads === 'window' && pass.provesAbsence;

/**
 * What a window pass should have met: what its last complete run met, and what has moved out of an earlier window before it
 * started. Without the latter a record that moves on and is then deleted would be missed by both.
 */
export function expectedIn(
  pass: PassSpec,
  passes: readonly PassSpec[],
  cursor: PassCursor,
  cursorOf: CursorOf,
): string[] {
  const expected = new Set(cursor.met ?? []);
  const startedAt = cursor.startedAt ?? 0;
  for (const earlier of passes.slice(0, passes.indexOf(pass)).filter(isWindow)) {
    for (const [recordId, at] of cursorOf(earlier.name).moved) if (at < startedAt) expected.add(recordId);
  }
  return [...expected];
}

/** Where a record may be that a window does not show, though it has not moved. */
export interface Elsewhere {
  /** Later windows look for it: the ones that it may have come to by the mere passing of time. */
  readonly isHandedOn: boolean;
  /** Records that the last complete runs of the other windows have met. */
  readonly metElsewhere: ReadonlySet<string>;
}

export function elsewhere(pass: PassSpec, passes: readonly PassSpec[], cursorOf: CursorOf): Elsewhere {
  const others = passes.filter((other) => isWindow(other) && other !== pass);
  return {
    isHandedOn: isWindow(pass) && passes.slice(passes.indexOf(pass) + 1).some(isWindow),
    metElsewhere: new Set(others.flatMap(({ name }) => cursorOf(name).met ?? [])),
  };
}

/**
 * A record that a window has shown before and does not show any more, and whose place as far as it is known is not in the
 * window: time has passed, and nothing else needs to have happened. It is not worth a call where somebody else looks for it,
 * or where it has become older than all that is read.
 */
export function isOnlyPast(
  recordId: string,
  placedAt: number | null,
  spans: readonly (readonly [from: number, to: number])[],
  { isHandedOn, metElsewhere }: Elsewhere,
): boolean {
  if (placedAt === null || spans.some(([from, to]) => placedAt >= from && placedAt < to)) return false;
  return isHandedOn || metElsewhere.has(recordId) || spans.every(([from]) => placedAt < from);
}

/**
 * What the later windows have to look for: the records that this run no longer met, and earlier ones until every later pass
 * has completed a run that started after them. Later windows hand nothing back: what has left the last one has left them all.
 */
export function movedOn(
  pass: PassSpec,
  passes: readonly PassSpec[],
  cursor: PassCursor,
  absent: readonly string[],
  now: number,
  cursorOf: CursorOf,
): MovedRecord[] {
  const later = passes.slice(passes.indexOf(pass) + 1).filter(isWindow);
  if (later.length === 0) return [];
  const isJudged = (at: number): boolean =>
    later.every(({ name }) => {
      const { running, startedAt } = cursorOf(name);
      return !running && startedAt !== null && at < startedAt;
    });
  const moved = new Map(cursor.moved.filter(([, at]) => !isJudged(at)));
  for (const recordId of absent) moved.set(recordId, now);
  return [...moved];
}
