import type { PassRequest } from '@relay/sync-engine';

const DAY = 86_400_000;
/** Length of one request's window in the far passes: long enough to ask rarely, short enough for a slow server. */
const SLICE = 92 * DAY;
/** What is no longer halved. */
export const SHORTEST = DAY;

export interface WindowSettings {
  readonly pastDays: number;
  readonly nearDays: number;
  readonly futureDays: number;
}

/** From and to, ms. */
export type Window = readonly [from: number, to: number];

/**
 * Where a pass stands: windows still to be read, the first of them perhaps half way through its pages, and how much time
 * was left out because the practice's software fails on it.
 */
export interface WindowPosition {
  readonly left: readonly Window[];
  readonly continuation: string | null;
  readonly skippedMs: number;
}

/** Windows of a pass, laid around the instant of its start: all its pages see the same ones. */
export function windowsOf(pass: PassRequest, settings: WindowSettings): Window[] {
  const start = Math.floor(pass.startedAt / 60_000) * 60_000;
  const nearFrom = start - DAY;
  const nearTo = start + settings.nearDays * DAY;
  if (pass.spec.name === 'near') return [[nearFrom, nearTo]];
  const farFrom = start - settings.pastDays * DAY;
  const farTo = start + settings.futureDays * DAY;
  // The future first: it is what people look at.
  return [...slices(nearTo, farTo), ...slices(farFrom, nearFrom)];
}

function slices(from: number, to: number): Window[] {
  const windows: Window[] = [];
  for (let at = from; at < to; at += SLICE) windows.push([at, Math.min(at + SLICE, to)]);
  return windows;
}

export function startOf(pass: PassRequest, settings: WindowSettings): WindowPosition {
  return { left: windowsOf(pass, settings), continuation: null, skippedMs: 0 };
}

/** The position after a page: the next page of the same window, else the next window; null at the end. */
export function afterPage(at: WindowPosition, continuation: string | null): WindowPosition | null {
  if (continuation !== null) return { ...at, continuation };
  return withLeft(at, at.left.slice(1));
}

/** The first window in two halves, read from their beginnings; null when it is too short for that. */
export function halved(at: WindowPosition): WindowPosition | null {
  const [first, ...rest] = at.left;
  if (!first || first[1] - first[0] <= SHORTEST) return null;
  const middle = first[0] + Math.floor((first[1] - first[0]) / 120_000) * 60_000;
  return withLeft(at, [[first[0], middle], [middle, first[1]], ...rest]);
}

/** The first window left out. `tooMuch` = more than half of the pass has been: then it is not a reading any more. */
export function skipped(
  at: WindowPosition,
  all: readonly Window[],
): { readonly next: WindowPosition | null; readonly tooMuch: boolean } {
  const [first, ...rest] = at.left;
  const skippedMs = at.skippedMs + (first ? first[1] - first[0] : 0);
  const whole = all.reduce((sum, [from, to]) => sum + to - from, 0);
  return { next: withLeft({ ...at, skippedMs }, rest), tooMuch: skippedMs > whole / 2 };
}

function withLeft(at: WindowPosition, left: readonly Window[]): WindowPosition | null {
  return left.length === 0 ? null : { left, continuation: null, skippedMs: at.skippedMs };
}

/** Strict ISO 8601 in UTC with whole seconds, the vendor's own example form. */
export function windowQuery([from, to]: Window): string {
  const text = (time: number) => encodeURIComponent(`${new Date(time).toISOString().slice(0, 19)}Z`);
  return `from=${text(from)}&to=${text(to)}`;
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
    return {
      left: value.left,
      continuation: typeof value.continuation === 'string' ? value.continuation : null,
      skippedMs: typeof value.skippedMs === 'number' ? value.skippedMs : 0,
    };
  } catch {
    return null;
  }
}
