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

/** A record's place in a list: by time, then by number. */
export interface Place {
  readonly at: number;
  readonly index: number;
}

/** A list in order. Records are made for the places of one page only. */
export interface PagedList {
  readonly places: readonly Place[];
  recordAt(place: Place): TwinRecord;
}

/** A page; `faulty` when a record on it cannot be read; `stale-token` when its token is expired, forged or of another list. */
export type PageOutcome = TwinResponse | 'faulty' | 'stale-token';

interface Position {
  /** Place of the last record given; null before the first. */
  readonly after: readonly [at: number, index: number] | null;
  readonly key: number;
  readonly issuedAt: number;
  readonly wasEmpty: boolean;
}

/**
 * One page of a list. A token says where to go on, not how many to skip: a record that disappears meanwhile moves
 * nothing.
 */
export function pageReply(
  list: PagedList,
  rules: PageRules,
  request: PageRequest,
  isFaulty: (record: TwinRecord) => boolean,
): PageOutcome {
  const key = hash32(request.key);
  const position = request.token === null ? null : readToken(request.token);
  if (request.token !== null) {
    if (position === null || position.key !== key || request.now - position.issuedAt > rules.ttlMs)
      return 'stale-token';
  }
  const after = position?.after ?? null;
  const left = after === null ? list.places : list.places.filter((place) => isAfter(place, after));
  const empty =
    rules.emptyEvery > 0 && position !== null && !position.wasEmpty && request.pageNumber % rules.emptyEvery === 0;
  const texts: string[] = [];
  let size = 0;
  for (const place of empty ? [] : left) {
    if (texts.length > 0 && size >= rules.bytes) break;
    const record = list.recordAt(place);
    if (isFaulty(record)) return 'faulty';
    const text = JSON.stringify(record);
    texts.push(text);
    size += text.length;
  }
  const last = left[texts.length - 1];
  const more = left.length > texts.length;
  const place = last === undefined ? after : ([last.at, last.index] as const);
  const next = more ? writeToken({ after: place, key, issuedAt: request.now, wasEmpty: empty }) : null;
  const array = `[${texts.join(',')}]`;
  if (rules.form === 'header') return jsonResponse(200, array, next === null ? {} : { [rules.header]: next });
  const { listMember, tokenMember } = rules;
  return jsonResponse(
    200,
    `{${JSON.stringify(listMember)}:${array},${JSON.stringify(tokenMember)}:${JSON.stringify(next)}}`,
  );
}

function isAfter(place: Place, after: readonly [at: number, index: number]): boolean {
  return place.at > after[0] || (place.at === after[0] && place.index > after[1]);
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
