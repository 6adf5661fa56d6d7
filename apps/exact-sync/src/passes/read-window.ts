import type { ExactResource } from '@relay/contracts';
import type { CallContext, PageOutcome, PageRow, PassRequest } from '@relay/sync-engine';
import type { ContinuationNames } from '../calls/continuation.js';
import type { PracticeAnswer, PracticeCalls } from '../calls/practice-calls.js';
import type { HardSpans } from './hard-spans.js';
import { readPageBody } from './page-rows.js';
import { continuationQuery } from './read-everything.js';
import {
  HOUR,
  SHORTEST,
  SHORTEST_IN_TIME,
  afterPage,
  begunAgain,
  failedOn,
  halved,
  lengthOf,
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
  readonly zone: string;
  readonly hard: HardSpans;
  readonly now: number;
}

type Page = PageOutcome & { kind: 'page' };

/**
 * One page of a window. A window that the practice has no time for is read in halves, down to one day; one that its software
 * fails on, down to one hour. What still fails is left out, up to half of the pass. Waits and repeats are the engine's.
 */
export async function readWindow(
  reading: WindowReading,
  call: CallContext,
  pass: PassRequest,
  position: string | null,
): Promise<PageOutcome> {
  const at = position === null ? begin(reading, call, pass) : readPosition(position);
  if (at === null) return { kind: 'restart', tookMs: 0 };
  return new WindowPage(reading, call, pass, at).read();
}

function begin(
  { windows, zone, hard, now }: WindowReading,
  { tenant }: CallContext,
  pass: PassRequest,
): WindowPosition {
  const all = windowsOf(pass, windows, zone);
  const around = hard.around(tenant.tenantId, all, now);
  // What is hard nearly everywhere is tried as if nothing were known.
  const isUseless = around.leftOutMs > lengthOf(all) / 2;
  return isUseless ? startOf(all) : startOf(around.windows, around.leftOutMs, around.tooSlow);
}

/** The first window of a position: one call, and what follows from its answer. */
class WindowPage {
  private readonly all: readonly Window[];
  private readonly tenantId: string;

  constructor(
    private readonly reading: WindowReading,
    private readonly call: CallContext,
    pass: PassRequest,
    private readonly at: WindowPosition,
  ) {
    this.all = windowsOf(pass, reading.windows, reading.zone);
    this.tenantId = call.tenant.tenantId;
  }

  async read(): Promise<PageOutcome> {
    const { at } = this;
    const window = at.left[0];
    // The far windows are empty when the near one covers the whole span.
    if (!window) return this.pageTo(null, at, 0);
    const answer = await this.ask(window, at.continuation);
    const { tookMs } = answer;
    if (answer.kind === 'missing') return { kind: 'not-found', tookMs };
    if (answer.kind === 'success') return this.taken(answer, window);
    switch (answer.status) {
      case 400:
        return this.refused(tookMs) ?? answer;
      case 502:
        return this.failed(window, tookMs) ?? answer;
      case 504:
        return (await this.outOfTime(window, tookMs)) ?? answer;
      case undefined:
      default:
        return answer;
    }
  }

  private taken(answer: Extract<PracticeAnswer, { kind: 'success' }>, window: Window): PageOutcome {
    const { reading, at } = this;
    const { tookMs } = answer;
    const page = readPageBody(answer.text, answer.headers, reading.names);
    if (page === null) return { kind: 'record-fault', detail: 'not-a-list', tookMs };
    if (page.continuation !== null && page.continuation === at.continuation) {
      return { kind: 'record-fault', detail: 'continuation-repeats', tookMs };
    }
    if (page.continuation === null) reading.hard.wasRead(this.tenantId, window);
    return { ...this.pageTo(afterPage(at, page.continuation), at, tookMs, page.rows), vendorTime: answer.vendorTime };
  }

  /** 400: the continuation has expired, so the window is read again; else perhaps it is longer than the vendor allows. */
  private refused(tookMs: number): PageOutcome | null {
    const { at } = this;
    if (at.continuation === null) return this.to(halved(at, SHORTEST_IN_TIME), tookMs);
    return this.to(begunAgain(at), tookMs) ?? { kind: 'restart', tookMs };
  }

  /** 502: the practice's software fails on something in the window. */
  private failed(window: Window, tookMs: number): PageOutcome | null {
    const counted = failedOn(this.at);
    if (counted === null) return null;
    const halves = halved(counted, SHORTEST);
    if (halves !== null) return this.to(halves, tookMs);
    this.reading.hard.failed(this.tenantId, window, false, this.reading.now);
    return this.without(counted, false, tookMs);
  }

  /** 504: the practice has no time for the window, or for nothing at all. */
  private async outOfTime(window: Window, tookMs: number): Promise<PageOutcome | null> {
    const { at, reading, tenantId } = this;
    if (!(await this.answersAnHour(window))) return null;
    const halves = halved(at, SHORTEST_IN_TIME);
    if (halves !== null) {
      reading.hard.tooLong(tenantId, (window[1] - window[0]) / 2, reading.now);
      return this.to(halves, tookMs);
    }
    reading.hard.failed(tenantId, window, true, reading.now);
    // It is there, so it is not offline: this resource alone is more than it can do.
    return this.without(at, true, tookMs) ?? { kind: 'record-fault', detail: 'http-504', tookMs };
  }

  /** Tells a window that is too long from a practice that answers nothing at all. */
  private async answersAnHour([from, to]: Window): Promise<boolean> {
    if (to - from <= HOUR) return false;
    return (await this.ask([from, from + HOUR], null)).kind === 'success';
  }

  private without(at: WindowPosition, tooSlow: boolean, tookMs: number): PageOutcome | null {
    const rest = skipped(at, this.all, tooSlow);
    return rest && this.pageTo(rest.next, rest.last, tookMs);
  }

  private to(next: WindowPosition | null, tookMs: number): Page | null {
    return next && this.pageTo(next, next, tookMs);
  }

  private pageTo(
    next: WindowPosition | null,
    last: WindowPosition,
    tookMs: number,
    rows: readonly PageRow[] = [],
  ): Page {
    const page: Page = { kind: 'page', rows, next: next && writePosition(next), total: null, vendorTime: null, tookMs };
    if (next !== null) return page;
    const leftOut = last.tooSlow ? ('too-slow' as const) : ('unreadable' as const);
    return { ...page, spans: this.all, ...(last.skippedMs > 0 ? { leftOut } : {}) };
  }

  private ask(window: Window, continuation: string | null): Promise<PracticeAnswer> {
    const { calls, resource, segment } = this.reading;
    const token = continuation === null ? '' : `&${continuationQuery(continuation)}`;
    return calls.get(this.call, { resource, segment, query: `${windowQuery(window)}${token}` });
  }
}
