import type { CallContext, ConfirmOutcome } from '@relay/sync-engine';
import { catalogueEntry } from '../catalogue/catalogue.js';
import type { ProvetCalls } from '../calls/provet-calls.js';
import { jsonObject, recordIdOf } from '../records/record-id.js';

const ROW = 'page_size=1';

/**
 * Asks a resource's list for one row: a tenant whose list answers has not gone as a whole. Of a record whose id is a number it
 * is that record's own row, or the next one's where the list does not have it.
 */
export async function confirmList(
  calls: ProvetCalls,
  call: CallContext,
  resource: string,
  recordId?: string,
): Promise<ConfirmOutcome> {
  const { path, limits } = catalogueEntry(resource);
  const answer = await calls.send(call, {
    method: 'GET',
    path: `${path}/`,
    query: recordId !== undefined && /^\d{1,18}$/.test(recordId) ? rowOf(BigInt(recordId)) : ROW,
    route: `${path}/`,
    budget: { endpoint: path, operation: 'list', limit: limits.list, weight: 1 },
  });
  const { tookMs } = answer;
  if (answer.kind === 'missing') return { kind: 'not-found', tookMs };
  if (answer.kind !== 'success') return answer;
  // Anything but the API's envelope may come from a proxy and proves nothing.
  const rows = jsonObject(answer.text)?.['results'];
  if (!Array.isArray(rows)) return { kind: 'record-fault', detail: 'not-a-page', tookMs };
  return { kind: 'listed', recordIds: rows.flatMap(idOf), tookMs };
}

const rowOf = (id: bigint): string => (id === 0n ? ROW : `id__gt=${id - 1n}&ordering=id&${ROW}`);

function idOf(row: unknown): string[] {
  if (typeof row !== 'object' || row === null) return [];
  const id = recordIdOf(row as Readonly<Record<string, unknown>>);
  return id === null ? [] : [id];
}
