import type { ExactResource } from '@relay/contracts';
import type { CallContext, PageOutcome, PassRequest } from '@relay/sync-engine';
import type { ContinuationNames } from '../calls/continuation.js';
import type { PracticeAnswer, PracticeCalls } from '../calls/practice-calls.js';
import { readPageBody } from './page-rows.js';
import { continuationQuery } from './read-everything.js';
import {
  SHORTEST,
  afterPage,
  halved,
  readPosition,
  skipped,
  startOf,
  windowQuery,
  windowsOf,
  writePosition,
  type Window,
  type WindowPosition,
  type WindowSettings,
} from './windows.js';

export interface WindowReading {
  readonly calls: PracticeCalls;
  readonly resource: ExactResource;
  readonly segment: string;
  readonly names: ContinuationNames;
  readonly windows: WindowSettings;
}

/**
 * One page of a window. A window that the practice cannot answer is read in halves, down to one day; a day that still
 * fails is left out, up to half of the pass. Waits and repeats are the engine's.
 */
export async function readWindow(
  reading: WindowReading,
  call: CallContext,
  pass: PassRequest,
  position: string | null,
): Promise<PageOutcome> {
  const at = position === null ? startOf(pass, reading.windows) : readPosition(position);
  if (at === null) return { kind: 'restart', tookMs: 0 };
  const window = at.left[0];
  // The far windows are empty when the near one covers the whole span.
  if (!window) return pageTo(null, 0);
  const answer = await ask(reading, call, window, at.continuation);
  const { tookMs } = answer;
  if (answer.kind === 'missing') return { kind: 'not-found', tookMs };
  if (answer.kind === 'success') {
    const page = readPageBody(answer.text, answer.headers, reading.names);
    if (page === null) return { kind: 'record-fault', detail: 'not-a-list', tookMs };
    if (page.continuation !== null && page.continuation === at.continuation) {
      return { kind: 'record-fault', detail: 'continuation-repeats', tookMs };
    }
    const next = afterPage(at, page.continuation);
    return { ...pageTo(next, tookMs), rows: page.rows, vendorTime: answer.vendorTime };
  }
  switch (answer.status) {
    case 400:
      if (at.continuation !== null) return { kind: 'restart', tookMs };
      // Perhaps the span is over a limit that the vendor does not publish.
      return shorter(at, tookMs) ?? answer;
    case 502: {
      const halves = shorter(at, tookMs);
      if (halves !== null) return halves;
      const { next, tooMuch } = skipped(at, windowsOf(pass, reading.windows));
      return tooMuch ? answer : pageTo(next, tookMs);
    }
    case 504:
      return ((await oneDayAnswers(reading, call, window)) ? shorter(at, tookMs) : null) ?? answer;
    case undefined:
    default:
      return answer;
  }
}

function ask(
  { calls, resource, segment }: WindowReading,
  call: CallContext,
  window: Window,
  continuation: string | null,
): Promise<PracticeAnswer> {
  const token = continuation === null ? '' : `&${continuationQuery(continuation)}`;
  return calls.get(call, { resource, segment, query: `${windowQuery(window)}${token}` });
}

/** Tells a window that is too long from a practice that answers nothing at all. */
async function oneDayAnswers(reading: WindowReading, call: CallContext, [from, to]: Window): Promise<boolean> {
  if (to - from <= SHORTEST) return false;
  return (await ask(reading, call, [from, from + SHORTEST], null)).kind === 'success';
}

function shorter(at: WindowPosition, tookMs: number): PageOutcome | null {
  const halves = halved(at);
  return halves && pageTo(halves, tookMs);
}

function pageTo(next: WindowPosition | null, tookMs: number): PageOutcome & { kind: 'page' } {
  return { kind: 'page', rows: [], next: next && writePosition(next), total: null, vendorTime: null, tookMs };
}
