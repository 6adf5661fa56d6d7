import type { CallContext, FetchOutcome } from '@relay/sync-engine';
import { catalogueEntry } from '../catalogue/catalogue.js';
import { recordPath } from '../calls/provet-address.js';
import type { CallAnswer, ProvetCalls } from '../calls/provet-calls.js';
import { fetchRow } from './fetch-row.js';
import { jsonObject, recordIdOf } from './record-id.js';

/** Reads one record: in its detail form, or where the vendor has none by its row in the list. */
export async function fetchRecord(
  calls: ProvetCalls,
  call: CallContext,
  resource: string,
  recordId: string,
): Promise<FetchOutcome> {
  const entry = catalogueEntry(resource);
  const { path, limits } = entry;
  if (limits.read === null) return fetchRow(calls, call, entry, recordId);
  const answer = await calls.send(call, {
    method: 'GET',
    path: recordPath(path, recordId),
    route: `${path}/{id}/`,
    budget: { endpoint: path, operation: 'read', limit: limits.read, weight: 1 },
  });
  return outcomeOf(answer, recordId);
}

function outcomeOf(answer: CallAnswer, recordId: string): FetchOutcome {
  const { tookMs } = answer;
  if (answer.kind === 'missing') return { kind: 'not-found', apiShaped: answer.apiShaped, tookMs };
  if (answer.kind !== 'success') return answer;
  const record = jsonObject(answer.text);
  if (record === null) return { kind: 'record-fault', detail: 'not-a-json-object', tookMs };
  const answeredId = recordIdOf(record);
  // Another record's content under this id would overwrite what the consumers hold of it.
  if (answeredId !== null && answeredId !== recordId) {
    return { kind: 'record-fault', detail: 'another-record', tookMs };
  }
  return { kind: 'found', text: answer.text, vendorTime: answer.vendorTime, tookMs };
}
