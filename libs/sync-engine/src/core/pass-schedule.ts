import { createHash } from 'node:crypto';
import type { PassSpec, WorkClass } from '../ports/connector.js';
import type { PassCursor, ResourceFacts } from './model.js';
import { mustStartAgain } from './reread.js';

/** Where a pass stands in the turn. */
export function passClass(spec: PassSpec, facts: ResourceFacts, cursor?: PassCursor): WorkClass {
  if (spec.firstReading && facts.liveAt === null && !(cursor && goesOn(spec, cursor))) return 'backfill';
  switch (spec.name) {
    case 'reconcile':
    case 'near':
      return 'reconcile';
    case 'backfill':
    case 'history':
      return 'backfill';
    case 'far':
    case 'sweep':
      return 'sweep';
    default:
      return spec.name satisfies never;
  }
}

/**
 * The start of this pass was brought forward: somebody waits for it, or everything is to be read again. Or it finds out
 * whether what was forbidden still is: whoever has permitted it waits for what was missed.
 */
export function isWished(spec: PassSpec, cursor: PassCursor, facts: ResourceFacts, phase: number): boolean {
  if (facts.reread !== null || facts.forbiddenUntil !== null) return true;
  if (spec.steady !== true || cursor.startedAt === null || cursor.completedAt === null) return false;
  return cursor.nextAttemptAt < nextStart(spec, cursor.startedAt, 0, phase) - 1_000;
}

/** When the next step of a pass is due, with this pause between its runs; null = not by the clock. */
export function passDueAt(
  spec: PassSpec,
  cursor: PassCursor,
  facts: ResourceFacts,
  everySeconds = spec.everySeconds,
): number | null {
  if (cursor.readToEnd) return null;
  // Its own pauses hold all the same: it may have to start again because the vendor cannot answer.
  if (mustStartAgain(spec, cursor, facts)) return cursor.attempts > 0 ? cursor.nextAttemptAt : (facts.reread?.at ?? 0);
  if (cursor.running) return cursor.nextAttemptAt;
  if (spec.reads === 'changed' && facts.watermark === null) return null;
  if (spec.firstReading && cursor.completedAt === null) return cursor.nextAttemptAt;
  if (facts.liveAt === null && !goesOn(spec, cursor)) return null;
  if (everySeconds === null) return cursor.completedAt === null ? cursor.nextAttemptAt : null;
  const every = everySeconds * 1000;
  if (cursor.startedAt === null) return Math.max((facts.liveAt ?? 0) + every, cursor.nextAttemptAt);
  // A pause made shorter counts at once: by the operator, or because notices do not come.
  return Math.min(cursor.nextAttemptAt, cursor.startedAt + every * MOST_JITTER);
}

/** A window that has been read keeps its pace while the other first readings go on, which may take days. */
function goesOn(spec: PassSpec, cursor: PassCursor): boolean {
  return spec.reads === 'window' && spec.firstReading && cursor.completedAt !== null;
}

const LEAST_JITTER = 0.9;
const MOST_JITTER = 1.1;

/** Where a tenant's steady passes start within their period, from 0 up to 1. */
export function phaseOfTenant(tenantId: string, spec: Pick<PassSpec, 'name'>): number {
  return createHash('sha256').update(`${tenantId} ${spec.name}`).digest().readUInt32BE(0) / 2 ** 32;
}

/** A run that started early or late is followed after half a period at least. */
const LEAST_STEADY = 0.5;

/**
 * Start of the next run: tenants must not all be asked in the same second. Steady passes go by their `phase`, others by a
 * random number.
 */
export function nextStart(spec: PassSpec, startedAt: number, random: number, phase = 0): number {
  if (spec.steady === true) {
    const every = (spec.everySeconds ?? 0) * 1000;
    const earliest = Math.ceil(startedAt + every * LEAST_STEADY);
    return every === 0 ? earliest : earliest + ((((phase * every - earliest) % every) + every) % every);
  }
  const factor = LEAST_JITTER + (MOST_JITTER - LEAST_JITTER) * random;
  return startedAt + (spec.everySeconds ?? 0) * 1000 * factor;
}

/** A run starts. */
export function started(cursor: PassCursor, runId: string, since: number | null, now: number): PassCursor {
  return {
    ...cursor,
    running: true,
    runId,
    position: null,
    startedAt: now,
    vendorStartedAt: null,
    since,
    readToEnd: false,
    done: 0,
    total: null,
    lastId: START_ID,
    // A run that had to start again keeps its count, so that its pauses grow.
    attempts: cursor.startedAt === null ? cursor.attempts : 0,
    nextAttemptAt: now,
  };
}

/** Below every id. */
const START_ID = '-1';

export interface PageFacts {
  readonly recordIds: readonly string[];
  readonly next: string | null;
  readonly total: number | null;
  readonly vendorTime: number | null;
}

/** A page was read. */
export function advanced(cursor: PassCursor, page: PageFacts, now: number): PassCursor {
  return {
    ...cursor,
    position: page.next,
    vendorStartedAt: cursor.vendorStartedAt ?? page.vendorTime,
    done: cursor.done + page.recordIds.length,
    total: cursor.total ?? page.total,
    lastId: lastAscending(cursor.lastId, page.recordIds),
    readToEnd: page.next === null,
    attempts: 0,
    nextAttemptAt: now,
  };
}

/** The last id while all ids so far ascend as numbers; null once they do not. */
function lastAscending(last: string | null, recordIds: readonly string[]): string | null {
  let previous = last;
  for (const id of recordIds) {
    if (previous === null || !/^\d{1,18}$/.test(id) || BigInt(id) <= BigInt(previous)) return null;
    previous = id;
  }
  return previous;
}

/** The run is complete: everything it read has been compared, or waits durably. */
export function completed(cursor: PassCursor, spec: PassSpec, now: number, random: number, phase = 0): PassCursor {
  const startedAt = cursor.startedAt ?? now;
  return {
    ...cursor,
    running: false,
    readToEnd: false,
    position: null,
    completedAt: now,
    comparison: null,
    nextAttemptAt: nextStart(spec, startedAt, random, phase),
  };
}

/** The vendor's clock at the start of a completed pass, floored to the minute (its filter's grain), minus the overlap. */
export function watermarkOf(vendorStartedAt: number, overlapMs: number): number {
  return Math.floor(vendorStartedAt / 60_000) * 60_000 - overlapMs;
}

/** A resource's facts after a pass was completed. `firstDone` = all its first readings are. */
export function factsAfterPass(
  facts: ResourceFacts,
  spec: PassSpec,
  cursor: PassCursor,
  at: { readonly now: number; readonly overlapMs: number; readonly firstDone: boolean; readonly tooSlow?: boolean },
): ResourceFacts {
  const startedAt = cursor.startedAt ?? at.now;
  const whole = spec.reads !== 'window';
  const bound = whole ? watermarkOf(cursor.vendorStartedAt ?? startedAt, at.overlapMs) : null;
  return {
    ...facts,
    liveAt: facts.liveAt ?? (at.firstDone ? at.now : null),
    watermark: bound === null ? facts.watermark : Math.max(bound, facts.watermark ?? 0),
    completeAsOf: Math.max(facts.completeAsOf ?? 0, startedAt),
    lastCheckedAt: at.now,
    broken: at.tooSlow ?? false,
  };
}
