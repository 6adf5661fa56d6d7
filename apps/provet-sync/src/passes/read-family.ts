import type { CallContext, PageOutcome } from '@relay/sync-engine';
import type { ProvetCalls } from '../calls/provet-calls.js';
import { catalogueEntry } from '../catalogue/catalogue.js';
import { wholeIdOf } from '../catalogue/families.js';
import { idsAscend, readEnvelope } from './page-rows.js';

/**
 * Reads one page of the parts of one whole, in the order of ids. Filters that an endpoint does not declare are ignored without
 * a word: a row that does not name the whole proves that this one is.
 */
export async function readFamily(
  calls: ProvetCalls,
  call: CallContext,
  resource: string,
  wholeId: string,
  position: string | null,
): Promise<PageOutcome> {
  const { path, limits, modifiedMember, defaultPageSize, parent } = catalogueEntry(resource);
  if (parent === null || parent.filter === null) throw new Error(`${resource} cannot be asked for by its whole`);
  const after = position === null ? '' : `&id__gt=${encodeURIComponent(position)}`;
  const answer = await calls.send(call, {
    method: 'GET',
    path: `${path}/`,
    // The parts of one whole are few: a larger page would cost more and show no more.
    query: `${parent.filter}=${encodeURIComponent(wholeId)}&ordering=id${after}&page_size=${defaultPageSize}`,
    route: `${path}/`,
    budget: { endpoint: path, operation: 'list', limit: limits.list, weight: 1 },
  });
  const { tookMs } = answer;
  if (answer.kind === 'missing') return { kind: 'not-found', tookMs };
  if (answer.kind !== 'success') return answer;
  const page = readEnvelope(answer.text, modifiedMember);
  if (page === null) return { kind: 'record-fault', detail: 'not-a-page', tookMs };
  const isOthers = page.rows.some(({ text }) => wholeIdOf(text, parent.relation) !== wholeId);
  // Only where there is more than one page does it matter in which order they come.
  const isUnordered = (position !== null || page.hasNext) && !idsAscend(page.rows, position);
  if (isOthers || isUnordered) return { kind: 'filter-ignored', tookMs };
  const last = page.rows.at(-1);
  const next = page.hasNext && last !== undefined ? last.recordId : null;
  return { kind: 'page', rows: page.rows, next, total: page.count, vendorTime: answer.vendorTime, tookMs };
}
