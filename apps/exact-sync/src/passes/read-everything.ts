import type { ExactResource } from '@relay/contracts';
import type { CallContext, PageOutcome } from '@relay/sync-engine';
import type { ContinuationNames } from '../calls/continuation.js';
import type { PracticeCalls } from '../calls/practice-calls.js';
import { jsonObject } from '../records/exact-record.js';
import { readPageBody } from './page-rows.js';

/** One page of a list without windows. The position is the vendor's continuation. */
export async function readEverything(
  calls: PracticeCalls,
  call: CallContext,
  request: { readonly resource: ExactResource; readonly segment: string },
  names: ContinuationNames,
  position: string | null,
): Promise<PageOutcome> {
  const query = position === null ? {} : { query: continuationQuery(position) };
  const answer = await calls.get(call, { ...request, ...query });
  const { tookMs } = answer;
  if (answer.kind === 'missing') return { kind: 'not-found', tookMs };
  if (answer.kind !== 'success') {
    const hasExpired = answer.status === 400 && position !== null;
    return hasExpired ? { kind: 'restart', tookMs } : answer;
  }
  const page = readPageBody(answer.text, answer.headers, names);
  if (page === null) return { kind: 'record-fault', detail: 'not-a-list', tookMs };
  const { rows, continuation: next } = page;
  // The same continuation again would be asked for ever.
  if (next !== null && next === position) return { kind: 'record-fault', detail: 'continuation-repeats', tookMs };
  return { kind: 'page', rows, next, total: null, vendorTime: answer.vendorTime, tookMs };
}

/** The practice itself: one record, whose id is the practice's. */
export async function readPractice(
  calls: PracticeCalls,
  call: CallContext,
  segment: string,
  detailsRead: (text: string) => void = () => undefined,
): Promise<PageOutcome> {
  const answer = await calls.get(call, { resource: 'practice', segment });
  if (answer.kind === 'missing') return { kind: 'not-found', tookMs: answer.tookMs };
  if (answer.kind !== 'success') return answer;
  const { text, vendorTime, tookMs } = answer;
  const { practiceId } = call.tenant;
  if (practiceId === null || jsonObject(text) === null) {
    return { kind: 'record-fault', detail: 'not-a-json-object', tookMs };
  }
  detailsRead(text);
  return { kind: 'page', rows: [{ recordId: practiceId, text }], next: null, total: 1, vendorTime, tookMs };
}

/** The continuation in a query: opaque, so encoded whole. */
export function continuationQuery(continuation: string): string {
  return `continuationToken=${encodeURIComponent(continuation)}`;
}
