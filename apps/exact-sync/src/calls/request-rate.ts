import { SecondCap } from './second-cap.js';

/** What may wait leaves this share of the rate to what may not, and has this share for itself when both are many. */
const WAITING_SHARE = 0.1;
/** What may wait is sent at once while no more than this is before it. */
const IDLE_MS = 250;
/** A place is rounded up to a whole millisecond: by so much two that are a second apart may come nearer to each other. */
const SECOND = 1_001;

/** Who asks for a place. */
export interface RateCaller {
  /** The same each time it comes for the same thing: who was told to come again keeps its place in the line. */
  readonly key: string;
  /** False: it may wait. Others go before it. */
  readonly urgent: boolean;
}

export type RatePlace =
  /** Send after this many ms. */
  | { readonly kind: 'place'; readonly waitMs: number }
  /** Come again after this many ms: a place is kept until then. */
  | { readonly kind: 'later'; readonly afterMs: number };

/**
 * Requests a second of the whole process to EXACT, evenly spaced: the vendor publishes no limit, so no burst is taken for
 * granted. Whoever finds no place soon is given one to come back for, so thousands who wait are served in the order in which
 * they came, each once, and none of them asks in vain again and again.
 */
export class RequestRate {
  /** Whoever has waited for its place passes here before it goes. */
  readonly cap: SecondCap;
  private readonly lines: Readonly<Record<'urgent' | 'waiting', Line>>;

  constructor(perSecond: number) {
    this.cap = new SecondCap(perSecond);
    const share = 1 - WAITING_SHARE;
    this.lines = {
      urgent: new Line(SECOND / (perSecond * share)),
      waiting: new Line(SECOND / (perSecond * WAITING_SHARE)),
    };
  }

  /** A place for a request; one that lies further ahead than `longestMs` is to be come back for. */
  place(now: number, longestMs: number, caller: RateCaller): RatePlace {
    const { urgent, waiting } = this.lines;
    // What nobody else wants is for all.
    if (!caller.urgent && !waiting.keeps(caller.key) && urgent.backlog(now) <= IDLE_MS) {
      return urgent.place(now, longestMs, caller.key);
    }
    return (caller.urgent ? urgent : waiting).place(now, longestMs, caller.key);
  }
}

/** A line of callers, served at a pace. */
class Line {
  /** The instant at which the next request would be due if all came evenly. */
  private nextAt = 0;
  /** Places that were given to be come back for. */
  private readonly kept = new Map<string, number>();

  constructor(private readonly intervalMs: number) {}

  backlog(now: number): number {
    return Math.max(0, this.nextAt - now);
  }

  keeps(key: string): boolean {
    return this.kept.has(key);
  }

  place(now: number, longestMs: number, key: string): RatePlace {
    const due = this.dueOf(now, key);
    const waitMs = Math.max(0, Math.ceil(due - now));
    if (waitMs <= longestMs) {
      this.kept.delete(key);
      return { kind: 'place', waitMs };
    }
    this.kept.set(key, due);
    return { kind: 'later', afterMs: Math.max(1, waitMs - Math.floor(longestMs / 2)) };
  }

  private dueOf(now: number, key: string): number {
    const kept = this.kept.get(key);
    // A place whose time has passed is lost: many who come late at once (a gateway is back) must not all be sent at once.
    if (kept !== undefined && kept >= now) return kept;
    this.forget(now);
    const due = Math.max(this.nextAt, now);
    this.nextAt = due + this.intervalMs;
    return due;
  }

  /** The oldest stand first. */
  private forget(now: number): void {
    for (const [key, due] of this.kept) {
      if (due >= now) return;
      this.kept.delete(key);
    }
  }
}
