import { meaningOf, type Reply, type ReplyRules, type SuccessfulReply } from '@relay/http-client';
import type { CallFailure } from '@relay/sync-engine';

/** What one answer of Provet means, before anybody knows what was asked for. */
export type ProvetAnswer =
  | SuccessfulReply
  /** 404. `apiShaped` = the API's own JSON (`detail`), not some proxy's page. */
  | { readonly kind: 'missing'; readonly apiShaped: boolean; readonly tookMs: number }
  /** 401, before the broker has been told. */
  | { readonly kind: 'token-refused'; readonly tookMs: number }
  | FailedAnswer;

/** A failure in the engine's words. `status` = the one that no retry can better (400, 405, a redirect, no body). */
export type FailedAnswer = CallFailure & { readonly status?: number; readonly tookMs: number };

const RULES: ReplyRules = { success: [200, 201], unreachable: 'unavailable' };

/** Maps status and fault to their meaning ("What happens when" in this app's README). */
export function classifyReply(reply: Reply, now: number, aborted: boolean): ProvetAnswer {
  const meaning = meaningOf(reply, now, aborted, RULES);
  if (meaning.kind !== 'other') return meaning;
  const { status, tookMs } = meaning;
  if (status === 401) return { kind: 'token-refused', tookMs };
  if (status === 403) return { kind: 'forbidden', tookMs };
  if (status === 404) return { kind: 'missing', apiShaped: hasDetail(meaning.text), tookMs };
  if (status >= 500 || status === 408) {
    return { kind: 'unavailable', detail: `http-${status}`, retryAfterMs: meaning.retryAfterMs, tookMs };
  }
  return { kind: 'record-fault', detail: `http-${status}`, status, tookMs };
}

function hasDetail(text: string): boolean {
  try {
    const body: unknown = JSON.parse(text);
    return typeof body === 'object' && body !== null && 'detail' in body && typeof body.detail === 'string';
  } catch {
    return false;
  }
}
