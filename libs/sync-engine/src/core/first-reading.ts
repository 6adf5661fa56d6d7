import type { FirstReading, ReadingMark } from './model.js';

/** A pace that was measured over less than this says nothing: budgets let work through in bursts. */
const LEAST_SPAN_MS = 60_000;

/**
 * A first reading has come further. Its marks move on once the newer one is old enough: by a minute, later by half of what
 * had passed before it. So its pace is that of the last part of the way, over longer spans the longer the way is.
 */
export function readOn(
  before: FirstReading | null,
  now: { readonly at: number; readonly startedAt: number; readonly done: number; readonly total: number | null },
): FirstReading {
  const { at, done, total } = now;
  const startedAt = before?.startedAt ?? now.startedAt;
  const start: ReadingMark = { at: startedAt, done: 0 };
  const [older, newer] = before?.marks ?? [start, start];
  // It has begun anew: what it had made before is no pace.
  if (done < newer.done)
    return {
      startedAt,
      done,
      total,
      marks: [
        { at, done },
        { at, done },
      ],
    };
  const isOld = at - newer.at >= Math.max(LEAST_SPAN_MS, (newer.at - startedAt) / 2);
  return { startedAt, done, total, marks: isOld ? [newer, { at, done }] : [older, newer] };
}

/** When a first reading will be done, by its pace on the last part of its way. */
export function estimatedEnd(reading: FirstReading | null, now: number): number | null {
  if (reading === null || reading.total === null || reading.done === 0) return null;
  const from = reading.marks?.[0] ?? { at: reading.startedAt, done: 0 };
  const made = reading.done - from.done;
  if (made <= 0 || now <= from.at) return null;
  const left = Math.max(0, reading.total - reading.done);
  return Math.round(now + (left * (now - from.at)) / made);
}
