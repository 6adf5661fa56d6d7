import type { PassRequest } from '@relay/sync-engine';
import { startOfDay } from '../practice-time/local-time.js';

export const HOUR = 3_600_000;
export const DAY = 24 * HOUR;
/** Length of one request's window in the far passes: long enough to ask rarely, short enough for a slow server. */
const SLICE = 92 * DAY;
/** Of the past beyond: its pages are not in a hurry, and a server that is asked for old days may have to look for them. */
const HISTORY_SLICE = 31 * DAY;
/** A window that the practice has no time for is not halved below this. */
export const SHORTEST_IN_TIME = 24 * HOUR;
/** A window that its software fails on is not halved below this: what is left out for one bad record is this long. */
export const SHORTEST = 60 * 60_000;
/** Failures in a row after which it is not the window: seven halvings lead from the near days to an hour. */
const MOST_FAILURES = 12;

export interface WindowSettings {
  readonly pastDays: number;
  readonly nearDays: number;
  readonly futureDays: number;
  /** Days of the past that are read once; 0 = none. */
  readonly historyDays?: number;
}

/** From and to, ms. */
export type Window = readonly [from: number, to: number];

/**
 * Where a pass stands: windows still to be read, the first of them perhaps half way through its pages, and how much time
 * was left out because nothing there could be read.
 */
export interface WindowPosition {
  readonly left: readonly Window[];
  readonly continuation: string | null;
  readonly skippedMs: number;
  /** Windows in a row that the practice's software has failed on. */
  readonly failures: number;
  /** How often this window was begun again because its continuation had expired. */
  readonly restarts: number;
  /** Something was left out because the practice has no time for a single day. */
  readonly tooSlow: boolean;
}

/**
 * Windows of a pass, in whole days of the practice's own calendar around the one in which it was started: all its pages see
 * the same ones, and so do all runs of a day.
 */
export function windowsOf(pass: PassRequest, settings: WindowSettings, zone: string): Window[] {
  const day = (later: number): number => startOfDay(zone, pass.startedAt, later);
  const nearFrom = day(-1);
  const nearTo = day(settings.nearDays + 1);
  const farFrom = day(-settings.pastDays);
  switch (pass.spec.name) {
    case 'near':
      return [[nearFrom, nearTo]];
    case 'history': {
      const from = day(-(settings.historyDays ?? 0));
      // The newest first: it is what people look for.
      return slices(from, farFrom, HISTORY_SLICE).reverse();
    }
    case 'far':
    case 'backfill':
    case 'reconcile':
    case 'sweep':
      // The future first: it is what people look at.
      return [...slices(nearTo, day(settings.futureDays + 1), SLICE), ...slices(farFrom, nearFrom, SLICE)];
    default:
      return pass.spec.name satisfies never;
  }
}

function slices(from: number, to: number, length: number): Window[] {
  const windows: Window[] = [];
  for (let at = from; at < to; at += length) windows.push([at, Math.min(at + length, to)]);
  return windows;
}

/** A place at the beginning of windows. */
export function startOf(left: readonly Window[], skippedMs = 0, tooSlow = false): WindowPosition {
  return { left, continuation: null, skippedMs, failures: 0, restarts: 0, tooSlow };
}

/** The position after a page: the next page of the same window, else the next window; null at the end. */
export function afterPage(at: WindowPosition, continuation: string | null): WindowPosition | null {
  const good = { ...at, failures: 0 };
  return continuation === null ? withLeft(good, at.left.slice(1)) : { ...good, continuation };
}

/** The first window from its beginning: its continuation has expired. Null when that happens again and again. */
export function begunAgain(at: WindowPosition): WindowPosition | null {
  return at.restarts >= 3 ? null : { ...at, continuation: null, restarts: at.restarts + 1 };
}

/** The first window in two halves, read from their beginnings; null when those would be too short. */
export function halved(at: WindowPosition, shortest: number): WindowPosition | null {
  const [first, ...rest] = at.left;
  if (!first || first[1] - first[0] < 2 * shortest) return null;
  const middle = first[0] + Math.floor((first[1] - first[0]) / 120_000) * 60_000;
  return withLeft(at, [[first[0], middle], [middle, first[1]], ...rest]);
}

/** A window more in a row that the practice's software has failed on; null = it fails on everything. */
export function failedOn(at: WindowPosition): WindowPosition | null {
  return at.failures + 1 >= MOST_FAILURES ? null : { ...at, failures: at.failures + 1 };
}

/** The first window left out. Null = more than half of the pass would be: then it is not a reading any more. */
export function skipped(
  at: WindowPosition,
  all: readonly Window[],
  tooSlow: boolean,
): { readonly next: WindowPosition | null; readonly last: WindowPosition } | null {
  const [first, ...rest] = at.left;
  const skippedMs = at.skippedMs + (first ? first[1] - first[0] : 0);
  if (skippedMs > lengthOf(all) / 2) return null;
  const last = { ...at, skippedMs, tooSlow: at.tooSlow || tooSlow };
  return { next: withLeft(last, rest), last };
}

export function lengthOf(windows: readonly Window[]): number {
  return windows.reduce((sum, [from, to]) => sum + to - from, 0);
}

function withLeft(at: WindowPosition, left: readonly Window[]): WindowPosition | null {
  return left.length === 0 ? null : { ...at, left, continuation: null, restarts: 0 };
}

/**
 * Strict ISO 8601 in UTC with whole seconds, the vendor's own example form. Whether its ends belong to a window is not
 * published: a second earlier than it begins, so that what starts where two windows meet is in one of them.
 */
export function windowQuery([from, to]: Window): string {
  const text = (time: number) => encodeURIComponent(`${new Date(time).toISOString().slice(0, 19)}Z`);
  return `from=${text(from - 1_000)}&to=${text(to)}`;
}

export function writePosition(position: WindowPosition): string {
  return JSON.stringify(position);
}

/** Null for what this version did not write: the pass then starts again. */
export function readPosition(text: string): WindowPosition | null {
  try {
    const value = JSON.parse(text) as Partial<WindowPosition> | null;
    if (!value || !Array.isArray(value.left) || value.left.length === 0) return null;
    const sound = (value.left as unknown[]).every(
      (window) => Array.isArray(window) && window.length === 2 && window.every((time) => Number.isInteger(time)),
    );
    if (!sound) return null;
    const count = (number: unknown): number => (typeof number === 'number' ? number : 0);
    return {
      left: value.left,
      continuation: typeof value.continuation === 'string' ? value.continuation : null,
      skippedMs: count(value.skippedMs),
      failures: count(value.failures),
      restarts: count(value.restarts),
      tooSlow: value.tooSlow === true,
    };
  } catch {
    return null;
  }
}
