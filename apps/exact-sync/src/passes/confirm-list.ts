import type { CallContext, ConfirmOutcome } from '@relay/sync-engine';
import { catalogueEntry } from '../catalogue/catalogue.js';
import { readList, type ContinuationNames } from '../calls/continuation.js';
import type { PracticeCalls } from '../calls/practice-calls.js';
import { asObject, recordIdOf } from '../records/exact-record.js';
import { windowQuery } from './windows.js';

const HOUR = 3_600_000;

/** Asks a resource's list for as little as it allows: of appointments, one hour. */
export async function confirmList(
  calls: PracticeCalls,
  call: CallContext,
  resource: string,
  names: ContinuationNames,
  now: number,
): Promise<ConfirmOutcome> {
  const { name, segment, reads } = catalogueEntry(resource);
  const query = reads === 'window' ? { query: windowQuery([now, now + HOUR]) } : {};
  const answer = await calls.get(call, { resource: name, segment, ...query });
  const { tookMs } = answer;
  if (answer.kind === 'missing') return { kind: 'not-found', tookMs };
  if (answer.kind !== 'success') return answer;
  if (reads === 'practice') return { kind: 'listed', tookMs };
  const list = readList(answer.text, answer.headers, names);
  if (list === null) return { kind: 'record-fault', detail: 'not-a-list', tookMs };
  // The list that is read for parts shows what they are parts of.
  return reads === 'each'
    ? { kind: 'listed', tookMs }
    : { kind: 'listed', recordIds: list.items.flatMap(idOf), tookMs };
}

function idOf(item: unknown): string[] {
  const record = asObject(item);
  const id = record && recordIdOf(record);
  return id === null ? [] : [id];
}
