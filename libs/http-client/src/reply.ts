/** What an attempt came to: an answer of whatever status, or none. Never an exception. */
export type Reply =
  | {
      readonly kind: 'response';
      readonly status: number;
      /** Names in lower case; repeated ones joined with a comma. */
      readonly headers: Readonly<Record<string, string>>;
      readonly text: string;
      /** False: the body is not UTF-8 and `text` holds replacement characters. */
      readonly wellEncoded: boolean;
      readonly tookMs: number;
      /** Our clock, ms, when the request was started. */
      readonly startedAt: number;
    }
  | {
      readonly kind: 'no-answer';
      readonly fault: NoAnswerFault;
      /** True: the request may have reached the server; its effect is unknown. */
      readonly sent: boolean;
      readonly detail: string;
      readonly tookMs: number;
      readonly startedAt: number;
    };

export const NO_ANSWER_FAULTS = [
  'refused-host',
  'dns',
  'connect',
  'tls',
  'timeout',
  'reset',
  'too-large',
  'aborted',
] as const;
export type NoAnswerFault = (typeof NO_ANSWER_FAULTS)[number];

const DNS_CODES = ['ENOTFOUND', 'EAI_AGAIN', 'EAI_FAIL', 'EAI_NODATA', 'ENODATA', 'ESERVFAIL'];
const CONNECT_CODES = ['ECONNREFUSED', 'EHOSTUNREACH', 'ENETUNREACH', 'EHOSTDOWN', 'EADDRNOTAVAIL', 'ENETDOWN'];
const TIMEOUT_CODES = ['UND_ERR_CONNECT_TIMEOUT', 'UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT', 'ETIMEDOUT'];
const TLS_CODE = /^(ERR_TLS_|ERR_SSL_|CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|HOSTNAME_MISMATCH|EPROTO$)/;

/** Names the fault of an error that a connection ended with. Total: what is not known is a reset after sending, a failed connection before. */
export function faultOf(error: unknown, sent: boolean): NoAnswerFault {
  const code = codeOf(error);
  if (code === 'host-refused') return 'refused-host';
  if (code === 'reply-too-large') return 'too-large';
  if (DNS_CODES.includes(code)) return 'dns';
  if (CONNECT_CODES.includes(code)) return 'connect';
  if (TIMEOUT_CODES.includes(code)) return 'timeout';
  if (TLS_CODE.test(code)) return 'tls';
  return sent ? 'reset' : 'connect';
}

export function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'unknown';
}
