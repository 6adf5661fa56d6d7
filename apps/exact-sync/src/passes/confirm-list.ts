import type { CallContext, ConfirmOutcome } from '@relay/sync-engine';
import { catalogueEntry } from '../catalogue/catalogue.js';
import { readList, type ContinuationNames } from '../calls/continuation.js';
import type { PracticeCalls } from '../calls/practice-calls.js';
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
  const listed = reads === 'practice' || readList(answer.text, answer.headers, names) !== null;
  return listed ? { kind: 'listed', tookMs } : { kind: 'record-fault', detail: 'not-a-list', tookMs };
}
