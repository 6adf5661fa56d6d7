import type { JsonValue, TwinRecord } from '../json.js';
import type { TwinResponse } from '../http.js';
import { DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE } from './catalogue.js';
import { matches, readFilters, type Filter } from './filters.js';
import type { RecordStore } from '../record-store.js';
import { detail, invalid, json } from './replies.js';
import type { ProvetResource } from './resource.js';
import type { ProvetTenant } from './tenant.js';

/** The page size that a query asks for: at most 1,000; what is no number asks for nothing. */
export function pageSizeOf(query: URLSearchParams): number {
  const asked = query.get('page_size') ?? '';
  if (!/^\d+$/.test(asked) || Number(asked) < 1) return DEFAULT_PAGE_SIZE;
  return Math.min(Number(asked), MAX_PAGE_SIZE);
}

/** What a page costs against the limit: one for each started default page. */
export function pageWeight(query: URLSearchParams): number {
  return Math.ceil(pageSizeOf(query) / DEFAULT_PAGE_SIZE);
}

/** A list request on one resource. `url` is the absolute URL of the request. */
export function listReply(tenant: ProvetTenant, resource: ProvetResource, url: URL, now: number): TwinResponse {
  const query = url.searchParams;
  const { filters, problems } = readFilters(query, resource, {
    ignored: tenant.switches.ignoredFilters,
    offsetMinutes: tenant.context.offsetMinutes,
  });
  if (Object.keys(problems).length > 0) return invalid(problems);
  if (query.get('include_archived') === 'false')
    filters.push({ field: 'archived', accepts: (value) => value !== true });

  const store = tenant.store(resource.name);
  const ids = selectIds(store, filters, query.get('filter_type') === 'or', now);
  orderIds(ids, query.get('ordering') ?? '', resource, store, now);
  const rows = (from: number, to: number): TwinRecord[] =>
    ids.slice(from, to).flatMap((id) => {
      const record = store.get(id, now);
      return record === null ? [] : [listForm(tenant, resource, record)];
    });
  return envelope(url, ids.length, rows, resource.floats);
}

/** Wraps rows into the vendor's page: `count`, `num_pages`, absolute `next` and `previous`, `results`. */
export function envelope(
  url: URL,
  count: number,
  rows: (from: number, to: number) => readonly JsonValue[],
  floats?: ReadonlySet<string>,
): TwinResponse {
  const size = pageSizeOf(url.searchParams);
  const pages = Math.max(1, Math.ceil(count / size));
  const asked = url.searchParams.get('page') ?? '1';
  const page = asked === 'last' ? pages : Number(asked);
  if (!Number.isInteger(page) || page < 1 || page > pages) return detail(404, 'Invalid page.');
  const link = (target: number): string => {
    const other = new URL(url);
    other.searchParams.set('page', String(target));
    return other.toString();
  };
  return json(
    200,
    {
      count,
      num_pages: pages,
      next: page < pages ? link(page + 1) : null,
      previous: page > 1 ? link(page - 1) : null,
      results: [...rows((page - 1) * size, page * size)],
    },
    floats,
  );
}

/** A record as lists show it: for some resources with fewer members than the detail form. */
export function listForm(tenant: ProvetTenant, resource: ProvetResource, record: TwinRecord): TwinRecord {
  const form = tenant.switches.listForm[resource.name];
  const { inList } = resource;
  const shown = shownForm(resource, record);
  if (form === 'full' || (inList === null && form !== 'reduced')) return shown;
  // Switched to reduced although usually complete: some member has to go.
  const keeps = inList ?? ((member: string) => member !== 'modified_user' && member !== 'created_user');
  return Object.fromEntries(Object.entries(shown).filter(([member]) => keeps(member)));
}

/** A record as the API shows it: some resources have no `id`, only `url`. */
export function shownForm(resource: ProvetResource, record: TwinRecord): TwinRecord {
  if (!resource.hidesId) return record;
  const { id: _hidden, ...shown } = record;
  return shown;
}

/** Filters on `id` and `modified` are put to numbers that cost nothing; only what is left needs whole records. */
function selectIds(store: RecordStore, filters: readonly Filter[], any: boolean, now: number): number[] {
  const cheap = filters.every(({ field }) => field === 'id' || field === 'modified');
  const byTime = filters.some(({ field }) => field === 'modified');
  const selected: number[] = [];
  for (const id of store.ids(now)) {
    if (filters.length === 0) {
      selected.push(id);
      continue;
    }
    const modified = cheap && byTime ? new Date(store.modifiedOf(id, now) ?? 0).toISOString() : '';
    const record = cheap ? { id, modified } : store.get(id, now);
    if (record !== null && matches(record, filters, any)) selected.push(id);
  }
  return selected;
}

function orderIds(ids: number[], asked: string, resource: ProvetResource, store: RecordStore, now: number): void {
  const declared = asked.split(',').filter((field) => resource.orderings.includes(field.replace(/^-/, '')));
  const fields = declared.length > 0 ? declared : [resource.defaultOrdering];
  const keys = fields.map((field) => ({
    descending: field.startsWith('-'),
    of: orderingKey(field.replace(/^-/, ''), ids, store, now),
  }));
  ids.sort((a, b) => {
    for (const { descending, of } of keys) {
      const [first, second] = [of(a), of(b)];
      if (first !== second) return (first < second ? -1 : 1) * (descending ? -1 : 1);
    }
    return a - b;
  });
}

function orderingKey(
  field: string,
  ids: readonly number[],
  store: RecordStore,
  now: number,
): (id: number) => number | string {
  if (field === 'id') return (id) => id;
  if (field === 'modified') {
    const times = new Map(ids.map((id) => [id, store.modifiedOf(id, now) ?? 0]));
    return (id) => times.get(id) ?? 0;
  }
  const values = new Map(ids.map((id) => [id, sortable(store.get(id, now)?.[field])]));
  return (id) => values.get(id) ?? '';
}

/** Times of different offsets are ordered as instants, everything else as text. */
function sortable(value: JsonValue | undefined): string {
  const text = typeof value === 'string' ? value : '';
  const instant = /^\d{4}-\d\d-\d\dT/.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(instant) ? text : new Date(instant).toISOString();
}
