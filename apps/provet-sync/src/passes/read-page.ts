import type { CallContext, PageOutcome, PassRequest } from '@relay/sync-engine';
import { catalogueEntry } from '../catalogue/catalogue.js';
import type { CallAnswer, ProvetCalls } from '../calls/provet-calls.js';
import { idsAscend, readEnvelope, type Page } from './page-rows.js';
import { boundOf, pageQuery, pageSizeOf, readPosition, writePosition, type PassPosition } from './pass-query.js';

/**
 * Reads one page of a pass. Positions are made here, from the ids of the rows: the vendor's `next` is never followed, it
 * only says whether there is more. Every row is held against what was asked for, since unknown filters are ignored.
 */
export async function readPage(
  calls: ProvetCalls,
  call: CallContext,
  resource: string,
  pass: PassRequest,
  position: string | null,
): Promise<PageOutcome> {
  const { path, limits, modifiedMember, defaultPageSize } = catalogueEntry(resource);
  const at = readPosition(pass, position);
  const answer = await calls.send(call, {
    method: 'GET',
    path: `${path}/`,
    query: pageQuery(pass, at, modifiedMember),
    route: `${path}/`,
    budget: {
      endpoint: path,
      operation: 'list',
      limit: limits.list,
      weight: Math.ceil(pageSizeOf(pass) / defaultPageSize),
    },
  });
  return outcomeOf(answer, pass, at, modifiedMember);
}

function outcomeOf(answer: CallAnswer, pass: PassRequest, at: PassPosition, modified: string | null): PageOutcome {
  const { tookMs } = answer;
  if (answer.kind === 'missing') {
    // Records vanished while pages were counted: the page after the last one is "not found".
    if (at.by === 'page' && at.page > 1 && answer.apiShaped) {
      return { kind: 'page', rows: [], next: null, total: null, vendorTime: null, tookMs };
    }
    return { kind: 'not-found', tookMs };
  }
  if (answer.kind !== 'success') return answer;
  const page = readEnvelope(answer.text, modified);
  if (page === null) return { kind: 'record-fault', detail: 'not-a-page', tookMs };
  return pageOutcome(page, pass, at, { vendorTime: answer.vendorTime, tookMs });
}

type Times = { readonly vendorTime: number | null; readonly tookMs: number };

function pageOutcome(page: Page, pass: PassRequest, at: PassPosition, times: Times): PageOutcome {
  return at.by === 'id' ? pageById(page, pass, at.after, times) : pageByNumber(page, pass, at, times);
}

function pageById(page: Page, pass: PassRequest, after: string | null, times: Times): PageOutcome {
  const bound = boundOf(pass);
  const belowBound = bound !== null && page.modified.some((time) => time !== null && time < bound);
  if (belowBound || !idsAscend(page.rows, after)) return { kind: 'filter-ignored', tookMs: times.tookMs };
  const last = page.rows.at(-1);
  return {
    kind: 'page',
    rows: page.rows,
    next: page.hasNext && last ? writePosition({ by: 'id', after: last.recordId }) : null,
    // Later pages count only what is left above their id.
    total: after === null ? page.count : null,
    ...times,
  };
}

function pageByNumber(page: Page, pass: PassRequest, at: PassPosition & { by: 'page' }, times: Times): PageOutcome {
  const bound = boundOf(pass);
  const readAll = at.readAll || (bound !== null && !newestFirst(page.modified));
  const reachedBound = bound !== null && !readAll && page.modified.some((time) => time !== null && time < bound);
  const more = page.hasNext && page.rows.length > 0 && !reachedBound;
  return {
    kind: 'page',
    rows: page.rows,
    next: more ? writePosition({ by: 'page', page: at.page + 1, readAll }) : null,
    total: at.page === 1 && bound === null ? page.count : null,
    ...times,
  };
}

/** A row that does not say when it was changed proves nothing: then the order cannot be relied on. */
function newestFirst(modified: readonly (number | null)[]): boolean {
  return modified.every((time, index) => {
    if (time === null) return false;
    const before = index === 0 ? null : modified[index - 1];
    return before === null || before === undefined || time <= before;
  });
}
