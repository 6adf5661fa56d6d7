import type { JsonValue, TwinRecord } from '../json.js';
import { MINUTE } from '../times.js';
import type { FilterKind, ProvetResource } from './resource.js';

const METHODS = [
  'is',
  'eq',
  'is_not',
  'not_eq',
  'neq',
  'lt',
  'lte',
  'gt',
  'gte',
  'range',
  'contains',
  'icontains',
  'in',
  'not_in',
  'is_null',
] as const;
type FilterMethod = (typeof METHODS)[number];
type Comparable = number | string | null;

/** One declared filter, ready to be put to records. */
export interface Filter {
  readonly field: string;
  accepts(value: JsonValue | undefined): boolean;
}

export interface FilterOptions {
  readonly ignored: ReadonlySet<string>;
  /** Zone of times that come without one. */
  readonly offsetMinutes: number;
}

/**
 * The filters of a query. What the endpoint does not declare is dropped without a word, as is what the tenant ignores by a
 * switch. A value that cannot be read is a problem (400).
 */
export function readFilters(
  query: URLSearchParams,
  resource: ProvetResource,
  options: FilterOptions,
): { filters: Filter[]; problems: Record<string, string[]> } {
  const filters: Filter[] = [];
  const problems: Record<string, string[]> = {};
  for (const [name, text] of query) {
    const [field, method, extra] = name.split('__');
    const kind = field === undefined ? undefined : resource.filters[field];
    if (field === undefined || kind === undefined || extra !== undefined || !isMethod(method)) continue;
    if (options.ignored.has(`${resource.name}.${name}`)) continue;
    const filter = filterOf(field, method, kind, text, options.offsetMinutes);
    if (typeof filter === 'string') problems[name] = [filter];
    else filters.push(filter);
  }
  return { filters, problems };
}

function isMethod(text: string | undefined): text is FilterMethod {
  return METHODS.some((method) => method === text);
}

function filterOf(
  field: string,
  method: FilterMethod,
  kind: FilterKind,
  text: string,
  offsetMinutes: number,
): Filter | string {
  const read = (part: string): Comparable | undefined => valueOf(part, kind, offsetMinutes);
  const of = (value: JsonValue | undefined): Comparable[] => comparables(value, kind, offsetMinutes);
  if (method === 'is_null') {
    const wanted = text === 'true';
    return { field, accepts: (value) => (value === null || value === undefined) === wanted };
  }
  const wanted = listMethod(method)
    ? text
        .replace(/^\[|\]$/g, '')
        .split(',')
        .map(read)
    : [read(text)];
  const first = wanted[0];
  if (wanted.includes(undefined) || first === undefined) return problemOf(kind);
  const test = (check: (value: Comparable) => boolean): Filter => ({
    field,
    accepts: (value) => of(value).some(check),
  });
  const none = (check: (value: Comparable) => boolean): Filter => ({
    field,
    accepts: (value) => !of(value).some(check),
  });
  switch (method) {
    case 'is':
    case 'eq':
      return test((value) => value === first);
    case 'is_not':
    case 'not_eq':
    case 'neq':
      return none((value) => value === first);
    case 'in':
      return test((value) => wanted.includes(value));
    case 'not_in':
      return none((value) => wanted.includes(value));
    case 'contains':
      return test((value) => String(value).includes(String(first)));
    case 'icontains':
      return test((value) => String(value).toLowerCase().includes(String(first).toLowerCase()));
    case 'range': {
      const last = wanted[1] ?? first;
      return test((value) => compare(value, first) >= 0 && compare(value, last) <= 0);
    }
    case 'lt':
      return test((value) => compare(value, first) < 0);
    case 'lte':
      return test((value) => compare(value, first) <= 0);
    case 'gt':
      return test((value) => compare(value, first) > 0);
    case 'gte':
      return test((value) => compare(value, first) >= 0);
    default:
      return method satisfies never;
  }
}

function listMethod(method: FilterMethod): boolean {
  return method === 'in' || method === 'not_in' || method === 'range';
}

/** NaN (so that every comparison is false) where one side is missing or of another kind. */
function compare(value: Comparable, wanted: Comparable): number {
  if (typeof value === 'number' && typeof wanted === 'number') return value - wanted;
  if (typeof value === 'string' && typeof wanted === 'string') return value < wanted ? -1 : value > wanted ? 1 : 0;
  return Number.NaN;
}

/** The values of a member that a filter looks at: relations by the number at their end, lists item by item. */
function comparables(value: JsonValue | undefined, kind: FilterKind, offsetMinutes: number): Comparable[] {
  if (Array.isArray(value)) return value.flatMap((item) => comparables(item, kind, offsetMinutes));
  if (value === null || value === undefined || typeof value === 'object') return [null];
  if (kind === 'relation') return [Number(/(\d+)\/?$/.exec(String(value))?.[1] ?? Number.NaN)];
  return [valueOf(String(value), kind, offsetMinutes) ?? null];
}

/** A filter's value; undefined when the text is none of that kind. */
function valueOf(text: string, kind: FilterKind, offsetMinutes: number): Comparable | undefined {
  switch (kind) {
    case 'text':
    case 'day':
      return text;
    case 'flag':
      return ['true', 'True', '1'].includes(text) ? 1 : ['false', 'False', '0'].includes(text) ? 0 : undefined;
    case 'number':
    case 'relation':
      return /^-?\d+$/.test(text.trim()) ? Number(text) : undefined;
    case 'instant':
      return instantOf(text, offsetMinutes) ?? undefined;
    default:
      return kind satisfies never;
  }
}

function problemOf(kind: FilterKind): string {
  return kind === 'instant' ? 'Enter a valid date/time.' : 'Enter a valid value.';
}

const INSTANT = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d)(:\d\d(?:\.\d{1,6})?)?(Z|[+-]\d\d:?\d\d)?)?$/;

/**
 * `YYYY-MM-DD hh:mm+hh:mm`, ISO 8601, or a plain day. Without an offset it is the tenant's local time. An unencoded `+`
 * arrives as a space and makes the value unreadable, as it does at the vendor. Null when it is none of them.
 */
export function instantOf(text: string, offsetMinutes: number): number | null {
  const match = INSTANT.exec(text);
  if (!match) return null;
  const [, day, clock, seconds, zone] = match;
  const read = Date.parse(`${day}T${clock ?? '00:00'}${(seconds ?? ':00').slice(0, 7)}${colonZone(zone)}`);
  if (Number.isNaN(read)) return null;
  return zone === undefined ? read - offsetMinutes * MINUTE : read;
}

function colonZone(zone: string | undefined): string {
  if (zone === undefined || zone === 'Z') return 'Z';
  return zone.includes(':') ? zone : `${zone.slice(0, 3)}:${zone.slice(3)}`;
}

/** All filters hold, or with `filter_type=or` any of them. */
export function matches(record: TwinRecord, filters: readonly Filter[], any: boolean): boolean {
  const holds = (filter: Filter): boolean => filter.accepts(record[filter.field]);
  return any && filters.length > 0 ? filters.some(holds) : filters.every(holds);
}
