import type { CallContext, ConfirmOutcome } from '@relay/sync-engine';
import { catalogueEntry } from '../catalogue/catalogue.js';
import type { ProvetCalls } from '../calls/provet-calls.js';
import { jsonObject } from '../records/record-id.js';

/** Asks a resource's list for one row: a tenant whose list answers has not gone as a whole. */
export async function confirmList(calls: ProvetCalls, call: CallContext, resource: string): Promise<ConfirmOutcome> {
  const { path, limits } = catalogueEntry(resource);
  const answer = await calls.send(call, {
    method: 'GET',
    path: `${path}/`,
    query: 'page_size=1',
    route: `${path}/`,
    budget: { endpoint: path, operation: 'list', limit: limits.list, weight: 1 },
  });
  const { tookMs } = answer;
  if (answer.kind === 'missing') return { kind: 'not-found', tookMs };
  if (answer.kind !== 'success') return answer;
  // Anything but the API's envelope may come from a proxy and proves nothing.
  return Array.isArray(jsonObject(answer.text)?.['results'])
    ? { kind: 'listed', tookMs }
    : { kind: 'record-fault', detail: 'not-a-page', tookMs };
}
