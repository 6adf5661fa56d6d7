import { meaningOf, type Reply, type ReplyRules, type SuccessfulReply } from '@relay/http-client';
import type { CallFailure } from '@relay/sync-engine';

/** What one answer of EXACT means, before anybody knows whose fault a 401, 403 or 404 is. */
export type ExactAnswer =
  | SuccessfulReply
  /** 401, 403, 404: may be about us, the practice or the record; the subscription list tells. */
  | { readonly kind: 'ambiguous'; readonly status: 401 | 403 | 404; readonly tookMs: number }
  | FailedAnswer;

/**
 * A failure in the engine's words. `status` = the answer that may mean something else to who knows what was asked for. 400:
 * with a continuation, the position has expired. 502: the practice's own software failed on this request. 504: the gateway
 * waited for the practice in vain. Any other: no retry can better it.
 */
export type FailedAnswer = CallFailure & { readonly status?: number; readonly tookMs: number };

const RULES: ReplyRules = { success: [200], unreachable: 'gateway-fault' };

/**
 * Maps status and fault to their meaning ("What happens when" in this app's README). Bodies of errors are
 * text without a form and may quote the request: they are neither parsed nor kept.
 */
export function classifyReply(reply: Reply, now: number, aborted: boolean): ExactAnswer {
  const meaning = meaningOf(reply, now, aborted, RULES);
  if (meaning.kind !== 'other') return meaning;
  const { status, tookMs } = meaning;
  const detail = `http-${status}`;
  switch (status) {
    case 401:
    case 403:
    case 404:
      return { kind: 'ambiguous', status, tookMs };
    case 503:
      return { kind: 'unavailable', detail, retryAfterMs: meaning.retryAfterMs, tookMs };
    case 504:
      return { kind: 'unavailable', detail, retryAfterMs: null, status, tookMs };
    // The practice's EXACT is older than the endpoint (501), or failed on this request (502): its own matter.
    case 501:
    case 502:
      return { kind: 'record-fault', detail, status, tookMs };
    default:
      // 500 and its unnamed kin come from the gateway that all practices share.
      return status >= 500
        ? { kind: 'gateway-fault', detail, tookMs }
        : { kind: 'record-fault', detail, status, tookMs };
  }
}
