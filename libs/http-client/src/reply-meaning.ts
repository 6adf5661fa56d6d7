import type { NoAnswerFault, Reply } from './reply.js';
import { retryAfterMs } from './retry-after.js';

/** What differs between vendors in what is read the same way. */
export interface ReplyRules {
  /** Statuses that carry what was asked for. */
  readonly success: readonly number[];
  /**
   * What it says when no connection comes about. `unavailable`: that tenant's server is away. `gateway-fault`: the vendor has
   * one address for all tenants, so none of them is to blame.
   */
  readonly unreachable: 'unavailable' | 'gateway-fault';
}

export interface SuccessfulReply {
  readonly kind: 'success';
  readonly text: string;
  readonly headers: Readonly<Record<string, string>>;
  /** The vendor's clock by its `Date` header, ms; the header carries whole seconds. */
  readonly vendorTime: number | null;
  readonly tookMs: number;
}

export type FailedReply = (
  | { readonly kind: 'aborted' }
  | { readonly kind: 'throttled'; readonly retryAfterMs: number; readonly local: false }
  | { readonly kind: 'record-fault'; readonly detail: string }
  | { readonly kind: 'unavailable'; readonly detail: string; readonly retryAfterMs: null }
  | { readonly kind: 'gateway-fault'; readonly detail: string }
) & { readonly tookMs: number };

/** A status whose meaning is the vendor's own. */
export interface OtherReply {
  readonly kind: 'other';
  readonly status: number;
  readonly text: string;
  readonly retryAfterMs: number | null;
  readonly tookMs: number;
}

/** A 429 that does not say for how long: limits are counted by the minute wherever they are published. */
const THROTTLED_MS = 60_000;

/** What a reply means at every vendor: success, 429 and no answer at all. `aborted` = we ended the call ourselves. */
export function meaningOf(
  reply: Reply,
  now: number,
  aborted: boolean,
  rules: ReplyRules,
): SuccessfulReply | FailedReply | OtherReply {
  const { tookMs } = reply;
  if (reply.kind === 'no-answer') return { ...withoutAnswer(reply.fault, aborted, rules.unreachable), tookMs };
  const { status, headers, text, wellEncoded } = reply;
  if (rules.success.includes(status)) {
    if (!wellEncoded) return { kind: 'record-fault', detail: 'not-utf-8', tookMs };
    return { kind: 'success', text, headers, vendorTime: dateOf(headers), tookMs };
  }
  const retryAfter = retryAfterMs(headers, now);
  if (status === 429) return { kind: 'throttled', retryAfterMs: retryAfter ?? THROTTLED_MS, local: false, tookMs };
  return { kind: 'other', status, text, retryAfterMs: retryAfter, tookMs };
}

type Failure<F = FailedReply> = F extends FailedReply ? Omit<F, 'tookMs'> : never;

function withoutAnswer(fault: NoAnswerFault, aborted: boolean, unreachable: ReplyRules['unreachable']): Failure {
  switch (fault) {
    case 'aborted':
      return aborted ? { kind: 'aborted' } : { kind: 'unavailable', detail: fault, retryAfterMs: null };
    case 'too-large':
      return { kind: 'record-fault', detail: fault };
    case 'refused-host':
    case 'dns':
    case 'connect':
    case 'tls':
      return unreachable === 'gateway-fault'
        ? { kind: 'gateway-fault', detail: fault }
        : { kind: 'unavailable', detail: fault, retryAfterMs: null };
    case 'timeout':
    case 'reset':
      return { kind: 'unavailable', detail: fault, retryAfterMs: null };
    default:
      return fault satisfies never;
  }
}

function dateOf(headers: Readonly<Record<string, string>>): number | null {
  const time = Date.parse(headers['date'] ?? '');
  return Number.isNaN(time) ? null : time;
}
