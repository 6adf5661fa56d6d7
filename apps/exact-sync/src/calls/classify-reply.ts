import { retryAfterMs, type Reply } from '@relay/http-client';
import type { CallFailure } from '@relay/sync-engine';

/** What one answer of EXACT means, before anybody knows whose fault a 401, 403 or 404 is. */
export type ExactAnswer =
  | {
      readonly kind: 'success';
      readonly text: string;
      readonly headers: Readonly<Record<string, string>>;
      readonly vendorTime: number | null;
      readonly tookMs: number;
    }
  /** 401, 403, 404: may be about us, the practice or the record; the subscription list tells. */
  | { readonly kind: 'ambiguous'; readonly status: 401 | 403 | 404; readonly tookMs: number }
  /** 400: with a continuation, the position has expired. */
  | { readonly kind: 'bad-request'; readonly tookMs: number }
  /** 502: the practice's own software failed on this request. */
  | { readonly kind: 'practice-fault'; readonly tookMs: number }
  /** 504: the gateway waited for the practice in vain. */
  | { readonly kind: 'practice-timeout'; readonly tookMs: number }
  /** Any other status that no retry can better. */
  | { readonly kind: 'rejected'; readonly status: number; readonly tookMs: number }
  | (CallFailure & { readonly tookMs: number });

/** A 429 that does not say for how long. EXACT publishes no limits; a minute is what other vendors use. */
const THROTTLED_MS = 60_000;

/**
 * Maps status and fault to their meaning ("What happens when" in this app's README). Bodies of errors are
 * text without a form and may quote the request: they are neither parsed nor kept.
 */
export function classifyReply(reply: Reply, now: number, aborted: boolean): ExactAnswer {
  if (reply.kind === 'no-answer') return withoutAnswer(reply, aborted);
  const { status, tookMs, headers } = reply;
  const retryAfter = retryAfterMs(headers, now);
  switch (status) {
    case 200:
      if (!reply.wellEncoded) return { kind: 'record-fault', detail: 'not-utf-8', tookMs };
      return { kind: 'success', text: reply.text, headers, vendorTime: dateOf(headers), tookMs };
    case 400:
      return { kind: 'bad-request', tookMs };
    case 401:
    case 403:
    case 404:
      return { kind: 'ambiguous', status, tookMs };
    case 429:
      return { kind: 'throttled', retryAfterMs: retryAfter ?? THROTTLED_MS, local: false, tookMs };
    case 501:
      // The practice's EXACT is older than the endpoint: its own matter.
      return { kind: 'rejected', status, tookMs };
    case 502:
      return { kind: 'practice-fault', tookMs };
    case 503:
      return { kind: 'unavailable', detail: 'http-503', retryAfterMs: retryAfter, tookMs };
    case 504:
      return { kind: 'practice-timeout', tookMs };
    default:
      // 500 and its unnamed kin come from the gateway that all practices share.
      return status >= 500
        ? { kind: 'gateway-fault', detail: `http-${status}`, tookMs }
        : { kind: 'rejected', status, tookMs };
  }
}

function withoutAnswer(reply: Reply & { kind: 'no-answer' }, aborted: boolean): ExactAnswer {
  const { fault, tookMs } = reply;
  switch (fault) {
    case 'aborted':
      if (aborted) return { kind: 'aborted', tookMs };
      return { kind: 'unavailable', detail: 'aborted', retryAfterMs: null, tookMs };
    case 'too-large':
      return { kind: 'record-fault', detail: 'too-large', tookMs };
    case 'refused-host':
    case 'dns':
    case 'connect':
    case 'tls':
      // No connection to the one gateway that stands before all practices: none of them is to blame.
      return { kind: 'gateway-fault', detail: fault, tookMs };
    case 'timeout':
    case 'reset':
      return { kind: 'unavailable', detail: fault, retryAfterMs: null, tookMs };
    default:
      return fault satisfies never;
  }
}

function dateOf(headers: Readonly<Record<string, string>>): number | null {
  const time = Date.parse(headers['date'] ?? '');
  return Number.isNaN(time) ? null : time;
}
