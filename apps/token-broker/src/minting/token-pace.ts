import { setTimeout as sleep } from 'node:timers/promises';
import { SecondWindow } from './second-window.js';

/**
 * Spaces token requests to one vendor host evenly, below a rate. Even, because a burst that is within the rate on this side
 * may arrive closer together on the other.
 */
export class TokenPace {
  private readonly lines = new Map<string, Line>();

  /** `perSecond` 0: no limit. `share`: how much of the rate this process may use, 0 to 1. */
  constructor(
    private readonly perSecond: number,
    private readonly share: () => number,
  ) {}

  /** Comes back when a request may be sent to the host; at once when the wish is withdrawn. */
  turn(host: string, signal: AbortSignal): Promise<void> {
    if (this.perSecond === 0) return Promise.resolve();
    const line = this.lineOf(host);
    line.turns = line.turns.then(() => this.takeTurn(line, signal));
    return line.turns;
  }

  /**
   * Sends a request whose turn it is. However long requests are under way, and whatever the network and both processes do to
   * the distances between them, the vendor counts no second with more than the rate.
   */
  async send<T>(host: string, signal: AbortSignal, send: () => Promise<T>): Promise<T> {
    if (this.perSecond === 0) return send();
    const { window } = this.lineOf(host);
    await window.enter(Math.max(1, Math.floor(this.perSecond * this.share())), signal);
    try {
      return await send();
    } finally {
      window.answered();
    }
  }

  private lineOf(host: string): Line {
    let line = this.lines.get(host);
    if (!line) this.lines.set(host, (line = { turns: Promise.resolve(), last: NEVER, window: new SecondWindow() }));
    return line;
  }

  private async takeTurn(line: Line, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return;
    const rate = this.perSecond * Math.max(this.share(), LEAST_SHARE);
    const next = nextTurn(line.last, Date.now(), rate);
    const waitMs = next.at - Date.now();
    if (waitMs > 0) await sleep(waitMs, undefined, { signal }).catch(() => undefined);
    if (!signal.aborted) line.last = { planned: next.planned, at: Date.now() };
  }
}

interface Line {
  /** Ends when the newest wish has had its turn. */
  turns: Promise<void>;
  last: Turn;
  readonly window: SecondWindow;
}

export interface Turn {
  /** When it should have been. */
  readonly planned: number;
  /** When it really was. */
  readonly at: number;
}

/** Share of the rate that is planned for, and that is never exceeded when late turns catch up. */
const PLANNED = 0.95;
const MOST = 0.97;
/** A process that has just lost its shards still ends what it has begun. */
const LEAST_SHARE = 0.01;
/** Turns that were missed by more than this are gone: what nobody used is not saved up. */
const CATCH_UP_MS = 1000;
const NEVER: Turn = { planned: 0, at: 0 };

/**
 * The turn after `last`. Planned turns are evenly spaced, so that coarse timers cost no throughput; real ones keep their
 * distance from each other, so that a process that stood still for a moment does not send everything at once.
 */
export function nextTurn(last: Turn, now: number, perSecond: number): Turn {
  const planned = Math.max(last.planned + 1000 / (perSecond * PLANNED), now - CATCH_UP_MS);
  return {
    planned: Math.max(planned, last.at === 0 ? now : 0),
    at: Math.max(planned, last.at + 1000 / (perSecond * MOST)),
  };
}
