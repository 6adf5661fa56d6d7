import type { CallFailure } from '@relay/sync-engine';
import { readList, type ContinuationNames } from '../calls/continuation.js';
import type { ExactCalls, UsedToken } from '../calls/exact-calls.js';

export type SubscriptionAnswer =
  | { readonly kind: 'listed'; readonly practiceIds: readonly string[]; readonly observedAt: number }
  /** 401: the token itself is no longer good. */
  | { readonly kind: 'token-refused'; readonly token: UsedToken }
  | CallFailure;

const PATH = '/v1/Subscriptions/active';
/** More practices than any integrator has; a list that never ends is no whole answer. */
const MAX_PAGES = 1_000;

/** Asks for all active subscriptions. Only a whole answer counts: half a list would suspend the other half. */
export async function listSubscriptions(
  calls: ExactCalls,
  names: ContinuationNames,
  call: { readonly signal: AbortSignal; readonly timeoutMs: number },
  now: () => number = Date.now,
): Promise<SubscriptionAnswer> {
  const observedAt = now();
  const practiceIds = new Set<string>();
  let continuation: string | null = null;
  for (let page = 0; page < MAX_PAGES; page++) {
    const query: { query?: string } =
      continuation === null ? {} : { query: `continuationToken=${encodeURIComponent(continuation)}` };
    const { answer, token } = await calls.get({ path: PATH, ...query, route: PATH, ...call });
    if (answer.kind !== 'success') return failureOf(answer, token);
    const list = readList(answer.text, answer.headers, names);
    if (list === null || !list.items.every(isPracticeId)) {
      return { kind: 'gateway-fault', detail: 'not-a-list-of-practices' };
    }
    for (const id of list.items) practiceIds.add(id);
    if (list.continuation === null) return { kind: 'listed', practiceIds: [...practiceIds], observedAt };
    continuation = list.continuation;
  }
  return { kind: 'gateway-fault', detail: 'list-without-end' };
}

/** Opaque text that can be written down. */
function isPracticeId(id: unknown): id is string {
  return typeof id === 'string' && id !== '' && id.isWellFormed();
}

type Failed = Exclude<Awaited<ReturnType<ExactCalls['get']>>['answer'], { kind: 'success' }>;

/** This endpoint is the cloud's own: no practice can be the cause of what it answers. */
function failureOf(answer: Failed, token: UsedToken | null): SubscriptionAnswer {
  if (answer.kind === 'ambiguous') {
    return answer.status === 401 && token !== null
      ? { kind: 'token-refused', token }
      : { kind: 'gateway-fault', detail: `http-${answer.status}` };
  }
  // A record-fault without a status is about the answer's body, and stays one.
  const isStatus = answer.kind === 'record-fault' && answer.status !== undefined;
  if (isStatus || answer.kind === 'unavailable' || answer.kind === 'gateway-fault') {
    return { kind: 'gateway-fault', detail: answer.detail };
  }
  return answer;
}
