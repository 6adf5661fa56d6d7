import type { Window } from './windows.js';

const MINUTE = 60_000;
const DAY = 86_400_000;
const FIRST_PAUSE = 15 * MINUTE;

interface HardSpan {
  readonly span: Window;
  readonly failures: number;
  readonly againAt: number;
  /** The practice has no time for it; else its software fails on it. */
  readonly tooSlow: boolean;
}

/** Windows to be asked for, and what is left out of them. */
export interface Around {
  readonly windows: readonly Window[];
  readonly leftOutMs: number;
  /** Some of it because the practice has no time for it. */
  readonly tooSlow: boolean;
}

interface Practice {
  spans: readonly HardSpan[];
  /** The longest window that the practice has time for, and until when that is believed. */
  longest: { readonly ms: number; readonly until: number } | null;
}

/**
 * What windows have met that could not be read, by practice: without it every run would find out anew, which takes a dozen
 * calls. Lives in memory: a new owner finds out once more.
 */
export class HardSpans {
  private readonly practices = new Map<string, Practice>();

  /** A span is tried again after the pause; each further one is twice as long, up to a day. */
  constructor(private readonly pauseMs: number = FIRST_PAUSE) {}

  /** Nothing could be read of this span, which is as short as spans get. */
  failed(tenantId: string, span: Window, tooSlow: boolean, now: number): void {
    const practice = this.of(tenantId);
    const known = practice.spans.find((hard) => hard.span[0] === span[0] && hard.span[1] === span[1]);
    const failures = (known?.failures ?? 0) + 1;
    const againAt = now + Math.min(DAY, this.pauseMs * 2 ** (failures - 1));
    const others = practice.spans.filter((hard) => hard !== known);
    practice.spans = [...others, { span, failures, againAt, tooSlow }].sort((a, b) => a.span[0] - b.span[0]);
  }

  /** A window was read to its end: nothing in it is hard. */
  wasRead(tenantId: string, [from, to]: Window): void {
    const practice = this.practices.get(tenantId);
    if (practice === undefined) return;
    practice.spans = practice.spans.filter(({ span }) => span[0] < from || span[1] > to);
    this.tidy(tenantId, practice);
  }

  /** The practice has no time for windows longer than this. */
  tooLong(tenantId: string, ms: number, now: number): void {
    this.of(tenantId).longest = { ms, until: now + Math.min(DAY, 96 * this.pauseMs) };
  }

  /** Windows as they had better be asked for: none too long, hard spans alone where it is time to try them, else not at all. */
  around(tenantId: string, windows: readonly Window[], now: number): Around {
    const practice = this.practices.get(tenantId);
    if (practice === undefined) return { windows: [...windows], leftOutMs: 0, tooSlow: false };
    practice.spans = practice.spans.filter(({ span }) => span[1] > now - 400 * DAY);
    const longest = practice.longest !== null && practice.longest.until > now ? practice.longest.ms : Infinity;
    let leftOutMs = 0;
    let isTooSlow = false;
    const cut: Window[] = [];
    for (const [from, to] of windows) {
      let at = from;
      for (const { span, againAt, tooSlow } of practice.spans) {
        const [start, end] = [Math.max(span[0], at), Math.min(span[1], to)];
        if (start >= end) continue;
        if (start > at) cut.push([at, start]);
        if (againAt > now) {
          leftOutMs += end - start;
          isTooSlow ||= tooSlow;
        } else cut.push([start, end]);
        at = end;
      }
      if (at < to) cut.push([at, to]);
    }
    return { windows: cut.flatMap((window) => parts(window, longest)), leftOutMs, tooSlow: isTooSlow };
  }

  private of(tenantId: string): Practice {
    let practice = this.practices.get(tenantId);
    if (practice === undefined) this.practices.set(tenantId, (practice = { spans: [], longest: null }));
    return practice;
  }

  private tidy(tenantId: string, { spans, longest }: Practice): void {
    if (spans.length === 0 && longest === null) this.practices.delete(tenantId);
  }
}

function parts([from, to]: Window, longest: number): Window[] {
  const windows: Window[] = [];
  for (let at = from; at < to; at = Math.min(at + longest, to)) windows.push([at, Math.min(at + longest, to)]);
  return windows;
}
