import { jsonResponse, type TwinResponse } from '../http.js';
import type { TwinRecord } from '../json.js';
import { hash32 } from '../seeded.js';
import { MINUTE } from '../times.js';

/** How lists are cut and where the continuation travels: not published, so both forms can be switched on. */
export interface PageRules {
  /** A page is full when its text reaches this size; it holds at least one record. */
  bytes: number;
  /** header: a bare array and the token in a header. wrapper: an object with the list and the token. */
  form: 'header' | 'wrapper';
  header: string;
  listMember: string;
  tokenMember: string;
  /** A token is good for this long. */
  ttlMs: number;
  /** Every nth page is empty though more follows; 0: none. */
  emptyEvery: number;
}

export function defaultPageRules(): PageRules {
  return {
    bytes: 12_000,
    form: 'header',
    header: 'x-continuation-token',
    listMember: 'items',
    tokenMember: 'continuationToken',
    ttlMs: 5 * MINUTE,
    emptyEvery: 0,
  };
}

export interface PageRequest {
  /** What the list is about and all its other parameters: a token is good for the same list only. */
  readonly key: string;
  readonly token: string | null;
  readonly now: number;
  /** Number of this page since the start, for empty ones. */
  readonly pageNumber: number;
}

/** A record and its place in the list: by time, then by number. */
export interface PageRow {
  readonly at: number;
  readonly index: number;
  readonly record: TwinRecord;
}

interface Position {
  /** Place of the last record given; null before the first. */
  readonly after: readonly [at: number, index: number] | null;
  readonly key: number;
  readonly issuedAt: number;
  readonly wasEmpty: boolean;
}

/**
 * One page of `rows`, which must be in order. Null when the token is expired, forged or of another list. A token says
 * where to go on, not how many to skip: a record that disappears meanwhile moves nothing.
 */
export function pageReply(rows: readonly PageRow[], rules: PageRules, request: PageRequest): TwinResponse | null {
  const key = hash32(request.key);
  const position = request.token === null ? null : readToken(request.token);
  if (request.token !== null) {
    if (position === null || position.key !== key || request.now - position.issuedAt > rules.ttlMs) return null;
  }
  const after = position?.after ?? null;
  const left =
    after === null ? rows : rows.filter(({ at, index }) => at > after[0] || (at === after[0] && index > after[1]));
  const empty =
    rules.emptyEvery > 0 && position !== null && !position.wasEmpty && request.pageNumber % rules.emptyEvery === 0;
  const taken = empty ? [] : takeBytes(left, rules.bytes);
  const last = taken.at(-1);
  const place = last === undefined ? after : ([last.at, last.index] as const);
  const more = left.length > taken.length;
  const next = more ? writeToken({ after: place, key, issuedAt: request.now, wasEmpty: empty }) : null;
  const records = taken.map(({ record }) => record);
  if (rules.form === 'header') {
    return jsonResponse(200, JSON.stringify(records), next === null ? {} : { [rules.header]: next });
  }
  return jsonResponse(200, JSON.stringify({ [rules.listMember]: records, [rules.tokenMember]: next }));
}

function takeBytes(rows: readonly PageRow[], bytes: number): PageRow[] {
  const taken: PageRow[] = [];
  let size = 0;
  for (const row of rows) {
    if (taken.length > 0 && size >= bytes) break;
    taken.push(row);
    size += JSON.stringify(row.record).length;
  }
  return taken;
}

/** Opaque to clients. */
function writeToken({ after, key, issuedAt, wasEmpty }: Position): string {
  return Buffer.from(JSON.stringify([after, key, issuedAt, wasEmpty])).toString('base64');
}

function readToken(token: string): Position | null {
  try {
    const value: unknown = JSON.parse(Buffer.from(token, 'base64').toString('utf8'));
    if (!Array.isArray(value)) return null;
    const [after, key, issuedAt, wasEmpty] = value as unknown[];
    if (typeof key !== 'number' || typeof issuedAt !== 'number') return null;
    return { after: placeOf(after), key, issuedAt, wasEmpty: wasEmpty === true };
  } catch {
    return null;
  }
}

function placeOf(value: unknown): Position['after'] {
  const [at, index] = Array.isArray(value) ? (value as unknown[]) : [];
  return typeof at === 'number' && typeof index === 'number' ? [at, index] : null;
}
