import type { PassRequest } from '@relay/sync-engine';

/**
 * Where a pass stands. By id: `id:<last id>`. By page number (the vendor ignores the filter on this resource):
 * `page:<number>`, with `!` behind it once the rows were seen not to come newest first, so that none may be left out.
 */
export type PassPosition =
  | { readonly by: 'id'; readonly after: string | null }
  | { readonly by: 'page'; readonly page: number; readonly readAll: boolean };

/** Rows a page: a changed pass is mostly empty, a whole reading is shorter with larger pages at the same cost. */
const CHANGED_ROWS = 50;
const MOST_ROWS = 100;

/**
 * Rows of a page, and what it costs: one request for every `defaultPageSize` of them. Of a whole reading the size with which
 * the most rows fit into what may be spent in a minute (`room`), and the larger one of two that are equal.
 */
export function pageSizeOf(
  pass: PassRequest,
  defaultPageSize: number,
  room: number | null,
): { readonly rows: number; readonly weight: number } {
  const most = pass.spec.reads === 'changed' ? CHANGED_ROWS : MOST_ROWS;
  const weightOfMost = Math.ceil(most / defaultPageSize);
  if (pass.spec.reads === 'changed' || room === null) return { rows: most, weight: weightOfMost };
  let best = { rows: most, weight: weightOfMost, spent: 0 };
  for (let weight = weightOfMost; weight >= 1; weight -= 1) {
    const spent = Math.floor(room / weight) * weight;
    if (spent > best.spent) best = { rows: Math.min(most, weight * defaultPageSize), weight, spent };
  }
  return { rows: best.rows, weight: best.weight };
}

export function readPosition(pass: PassRequest, position: string | null): PassPosition {
  if (pass.filterHonoured) {
    return { by: 'id', after: position?.startsWith('id:') ? position.slice(3) : null };
  }
  const match = /^page:([1-9]\d*)(!?)$/.exec(position ?? '');
  return { by: 'page', page: match ? Number(match[1]) : 1, readAll: match?.[2] === '!' };
}

export function writePosition(position: PassPosition): string {
  return position.by === 'id' ? `id:${position.after ?? ''}` : `page:${position.page}${position.readAll ? '!' : ''}`;
}

/** The bound of a changed pass as the filter can say it: whole minutes. */
export function boundOf(pass: PassRequest): number | null {
  if (pass.spec.reads !== 'changed' || pass.since === null) return null;
  return Math.floor(pass.since / 60_000) * 60_000;
}

/** Query of one page. `modifiedMember` names the filter of a changed pass. */
export function pageQuery(
  pass: PassRequest,
  position: PassPosition,
  modifiedMember: string | null,
  rows: number,
): string {
  const size = `page_size=${rows}`;
  const bound = boundOf(pass);
  if (position.by === 'page') {
    const newestFirst = bound !== null && modifiedMember !== null;
    return `ordering=${newestFirst ? `-${modifiedMember}` : 'id'}&page=${position.page}&${size}`;
  }
  const filter = bound === null || modifiedMember === null ? '' : `${modifiedMember}__gte=${filterTime(bound)}&`;
  const after = position.after === null ? '' : `id__gt=${encodeURIComponent(position.after)}&`;
  return `${filter}ordering=id&${after}${size}`;
}

/** `YYYY-MM-DD hh:mm+00:00`, the form that the vendor documents; a `+` in a query must be sent as %2B. */
export function filterTime(time: number): string {
  const iso = new Date(time).toISOString();
  return encodeURIComponent(`${iso.slice(0, 10)} ${iso.slice(11, 16)}+00:00`);
}
