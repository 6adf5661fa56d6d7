import { retryAfterMs, type Reply } from '@relay/http-client';
import type { CallFailure } from '@relay/sync-engine';

/** What one answer of Provet means, before anybody knows what was asked for. */
export type ProvetAnswer =
  | { readonly kind: 'success'; readonly text: string; readonly vendorTime: number | null; readonly tookMs: number }
  /** 404. `apiShaped` = the API's own JSON (`detail`), not some proxy's page. */
  | { readonly kind: 'missing'; readonly apiShaped: boolean; readonly tookMs: number }
  /** 401, before the broker has been told. */
  | { readonly kind: 'token-refused'; readonly tookMs: number }
  /** Any other status that no retry can better: 400, 405, a redirect, an answer without a body. */
  | { readonly kind: 'rejected'; readonly status: number; readonly tookMs: number }
  | (CallFailure & { readonly tookMs: number });

/** A 429 without `Retry-After`: the vendor's window is 60 s, so after that the whole limit is there again. */
const WINDOW_MS = 60_000;

/** Maps status and fault to their meaning ("What happens when" in this app's README). */
export function classifyReply(reply: Reply, now: number, aborted: boolean): ProvetAnswer {
  if (reply.kind === 'no-answer') return withoutAnswer(reply, aborted);
  const { status, tookMs } = reply;
  if (status === 200 || status === 201) {
    if (!reply.wellEncoded) return { kind: 'record-fault', detail: 'not-utf-8', tookMs };
    return { kind: 'success', text: reply.text, vendorTime: dateOf(reply.headers), tookMs };
  }
  if (status === 401) return { kind: 'token-refused', tookMs };
  if (status === 403) return { kind: 'forbidden', tookMs };
  if (status === 404) return { kind: 'missing', apiShaped: hasDetail(reply.text), tookMs };
  const retryAfter = retryAfterMs(reply.headers, now);
  if (status === 429) return { kind: 'throttled', retryAfterMs: retryAfter ?? WINDOW_MS, local: false, tookMs };
  if (status >= 500 || status === 408) {
    return { kind: 'unavailable', detail: `http-${status}`, retryAfterMs: retryAfter, tookMs };
  }
  return { kind: 'rejected', status, tookMs };
}

function withoutAnswer(reply: Reply & { kind: 'no-answer' }, aborted: boolean): CallFailure & { tookMs: number } {
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
    case 'timeout':
    case 'reset':
      return { kind: 'unavailable', detail: fault, retryAfterMs: null, tookMs };
    default:
      return fault satisfies never;
  }
}

/** The vendor's clock. Headers carry whole seconds. */
function dateOf(headers: Readonly<Record<string, string>>): number | null {
  const time = Date.parse(headers['date'] ?? '');
  return Number.isNaN(time) ? null : time;
}

function hasDetail(text: string): boolean {
  try {
    const body: unknown = JSON.parse(text);
    return typeof body === 'object' && body !== null && 'detail' in body && typeof body.detail === 'string';
  } catch {
    return false;
  }
}
