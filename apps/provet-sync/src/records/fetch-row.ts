import type { CallContext, FetchOutcome } from '@relay/sync-engine';
import type { CatalogueEntry } from '../catalogue/catalogue.js';
import type { ProvetCalls } from '../calls/provet-calls.js';
import { readEnvelope } from '../passes/page-rows.js';

/**
 * Reads one record of a resource that has lists only. The filter by id is not declared everywhere, and an undeclared one is
 * ignored: only a row with the wanted id is believed, and only an empty list says that there is none.
 */
export async function fetchRow(
  calls: ProvetCalls,
  call: CallContext,
  { path, limits, modifiedMember }: CatalogueEntry,
  recordId: string,
): Promise<FetchOutcome> {
  const answer = await calls.send(call, {
    method: 'GET',
    path: `${path}/`,
    query: `id__is=${encodeURIComponent(recordId)}`,
    route: `${path}/`,
    budget: { endpoint: path, operation: 'list', limit: limits.list, weight: 1 },
  });
  const { tookMs } = answer;
  // The list itself is gone, which says nothing of one record.
  if (answer.kind === 'missing') return { kind: 'not-found', apiShaped: false, tookMs };
  if (answer.kind !== 'success') return answer;
  const page = readEnvelope(answer.text, modifiedMember);
  if (page === null) return { kind: 'record-fault', detail: 'not-a-page', tookMs };
  const row = page.rows.find((candidate) => candidate.recordId === recordId);
  if (row !== undefined) return { kind: 'found', text: row.text, vendorTime: answer.vendorTime, tookMs };
  if (page.rows.length === 0 && page.count === 0) return { kind: 'not-found', apiShaped: true, tookMs };
  return { kind: 'record-fault', detail: 'filter-ignored', tookMs };
}
