import { jsonArraySlices, type PageRow } from '@relay/sync-engine';
import { jsonObject, recordIdOf } from '../records/record-id.js';

/** A page in the vendor's envelope, read. */
export interface Page {
  readonly rows: readonly PageRow[];
  /** Times of last change of the rows, in their order; null where a row does not say. */
  readonly modified: readonly (number | null)[];
  readonly hasNext: boolean;
  readonly count: number | null;
}

/** Reads `{count, next, results}`. Null when it is no such page, or a row cannot be told which record it is. */
export function readEnvelope(text: string, modifiedMember: string | null): Page | null {
  const body = jsonObject(text);
  const results = body?.['results'];
  if (!body || !Array.isArray(results)) return null;
  const texts = jsonArraySlices(text, 'results', body);
  if (texts.length !== results.length) return null;
  const rows: PageRow[] = [];
  const modified: (number | null)[] = [];
  for (const [index, row] of (results as unknown[]).entries()) {
    if (typeof row !== 'object' || row === null || Array.isArray(row)) return null;
    const members = row as Record<string, unknown>;
    const recordId = recordIdOf(members);
    if (recordId === null) return null;
    rows.push({ recordId, text: texts[index] as string });
    modified.push(modifiedMember === null ? null : timeOf(members[modifiedMember]));
  }
  const count = body['count'];
  return {
    rows,
    modified,
    hasNext: typeof body['next'] === 'string' && body['next'] !== '',
    count: typeof count === 'number' && Number.isInteger(count) && count >= 0 ? count : null,
  };
}

/** Instants with `Z` and with offsets occur in one object: only their value counts. */
function timeOf(value: unknown): number | null {
  if (typeof value !== 'string') return null;
  const time = Date.parse(value);
  return Number.isNaN(time) ? null : time;
}

const decimal = /^\d+$/;

/** Order of ids as the vendor sorts them: numbers by value, whatever their length; anything else as text. */
export function compareIds(a: string, b: string): number {
  if (decimal.test(a) && decimal.test(b)) {
    const x = BigInt(a);
    const y = BigInt(b);
    return x < y ? -1 : x > y ? 1 : 0;
  }
  return a < b ? -1 : a > b ? 1 : 0;
}

/** True when every id is above `after` and above the one before it. */
export function idsAscend(rows: readonly PageRow[], after: string | null): boolean {
  let last = after;
  for (const { recordId } of rows) {
    if (last !== null && compareIds(recordId, last) <= 0) return false;
    last = recordId;
  }
  return true;
}
