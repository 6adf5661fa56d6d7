import type { CallContext, FetchOutcome } from '@relay/sync-engine';
import { catalogueEntry, type CatalogueEntry } from '../catalogue/catalogue.js';
import type { PracticeAnswer, PracticeCalls } from '../calls/practice-calls.js';
import { jsonObject, recordIdOf } from './exact-record.js';

/** Reads one record; of the resource `practice` the details, which are the record. */
export async function fetchRecord(
  calls: PracticeCalls,
  call: CallContext,
  resource: string,
  recordId: string,
): Promise<FetchOutcome> {
  const entry = catalogueEntry(resource);
  const answer = await calls.get(call, {
    resource: entry.name,
    segment: entry.segment,
    ...(entry.reads === 'practice' ? {} : { recordId, part: entry.part }),
  });
  return outcomeOf(answer, entry, recordId);
}

function outcomeOf(answer: PracticeAnswer, entry: CatalogueEntry, recordId: string): FetchOutcome {
  const { tookMs } = answer;
  if (answer.kind === 'missing') return { kind: 'not-found', apiShaped: true, tookMs };
  if (answer.kind !== 'success') return answer;
  const record = jsonObject(answer.text);
  if (record === null) return { kind: 'record-fault', detail: 'not-a-json-object', tookMs };
  // Neither a practice nor a part of a patient names itself by the id that it was asked for with.
  const answeredId = entry.reads === 'practice' || entry.part !== undefined ? null : recordIdOf(record);
  if (answeredId !== null && answeredId !== recordId) {
    return { kind: 'record-fault', detail: 'another-record', tookMs };
  }
  return { kind: 'found', text: answer.text, vendorTime: answer.vendorTime, tookMs };
}
