import type { CheckAnswer } from '../check-calls.ts';

export type Row = Readonly<Record<string, unknown>>;

/** A page in the vendor's envelope. */
export interface List {
  readonly rows: readonly Row[];
  readonly count: number | null;
  readonly pages: number | null;
  readonly next: string | null;
}

export function listOf(answer: CheckAnswer): List | null {
  const body = rowOf(answer.json);
  const results = body?.['results'];
  if (answer.status !== 200 || body === null || !Array.isArray(results)) return null;
  return {
    rows: results.map(rowOf).filter((row) => row !== null),
    count: wholeNumber(body['count']),
    pages: wholeNumber(body['num_pages']),
    next: typeof body['next'] === 'string' && body['next'] !== '' ? body['next'] : null,
  };
}

export function rowOf(value: unknown): Row | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Row) : null;
}

/** Shape of a body without its values: `{detail: string}`. */
export function shapeOf(value: unknown, depth = 1): string {
  if (value === undefined) return 'no JSON';
  if (value === null) return 'null';
  if (Array.isArray(value))
    return depth === 0 ? 'array' : `[${value.length === 0 ? '' : shapeOf(value[0], depth - 1)}]`;
  if (typeof value !== 'object') return typeof value;
  if (depth === 0) return 'object';
  const members = Object.entries(value as Row).map(([name, member]) => `${name}: ${shapeOf(member, depth - 1)}`);
  return `{${members.join(', ')}}`;
}

/** How a time is written: `Z`, its offset, `naive` or `day`; null for what is no time. */
export function zoneOf(value: unknown): string | null {
  const match =
    typeof value === 'string'
      ? /^\d{4}-\d\d-\d\d(T\d\d:\d\d(?::\d\d(?:\.\d+)?)?(Z|[+-]\d\d:?\d\d)?)?$/.exec(value)
      : null;
  if (match === null) return null;
  if (match[1] === undefined) return 'day';
  return match[2] ?? 'naive';
}

export function timeOf(row: Row | undefined, member: string): number | null {
  const value = row?.[member];
  const zone = zoneOf(value);
  if (zone === null || zone === 'day' || zone === 'naive') return null;
  const time = Date.parse(value as string);
  return Number.isNaN(time) ? null : time;
}

/** Order of ids: numbers by value, anything else as text. */
export function compareIds(a: string, b: string): number {
  if (/^\d+$/.test(a) && /^\d+$/.test(b)) return BigInt(a) < BigInt(b) ? -1 : BigInt(a) > BigInt(b) ? 1 : 0;
  return a < b ? -1 : a > b ? 1 : 0;
}

/** True when no neighbour is out of order. */
export function inOrder<T>(items: readonly T[], compare: (a: T, b: T) => number): boolean {
  return items.every((item, index) => index === 0 || compare(items[index - 1] as T, item) <= 0);
}

function wholeNumber(value: unknown): number | null {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 ? value : null;
}
