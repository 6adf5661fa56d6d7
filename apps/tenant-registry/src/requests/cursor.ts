import { invalidRequest } from './invalid-request.js';

/** Where a list goes on, in a form that callers pass back without reading it. */
export function writeCursor(place: readonly string[]): string {
  return Buffer.from(JSON.stringify(place)).toString('base64url');
}

/** Reads a cursor of so many parts. Throws a 400 for anything that was not made by {@link writeCursor}. */
export function readCursor(cursor: string, parts: number): string[] {
  try {
    const place: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    if (Array.isArray(place) && place.length === parts && place.every((part) => typeof part === 'string')) return place;
  } catch {
    // Not one of ours: answered below.
  }
  throw invalidRequest([{ member: 'cursor', problem: 'is not a cursor of this list' }]);
}
