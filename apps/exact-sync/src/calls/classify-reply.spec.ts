import { replyOf, type ScriptedAnswer } from '@relay/testing';
import { describe, expect, it } from 'vitest';
import { classifyReply, type ExactAnswer } from './classify-reply.js';

const NOW = Date.parse('2026-11-26T12:00:00Z');

const rows: readonly [string, ScriptedAnswer, Partial<ExactAnswer>][] = [
  [
    '200',
    { body: '[]', headers: { date: 'Thu, 26 Nov 2026 12:00:05 GMT' } },
    { kind: 'success', text: '[]', vendorTime: NOW + 5000 },
  ],
  ['a body that is not UTF-8', { wellEncoded: false }, { kind: 'record-fault', detail: 'not-utf-8' }],
  ['400', { status: 400, body: '"bad date"' }, { kind: 'record-fault', detail: 'http-400', status: 400 }],
  ['401', { status: 401 }, { kind: 'ambiguous', status: 401 }],
  ['403', { status: 403 }, { kind: 'ambiguous', status: 403 }],
  ['404', { status: 404, body: 'not here' }, { kind: 'ambiguous', status: 404 }],
  [
    '429 with seconds',
    { status: 429, headers: { 'retry-after': '9' } },
    { kind: 'throttled', retryAfterMs: 9_000, local: false },
  ],
  ['429 without', { status: 429 }, { kind: 'throttled', retryAfterMs: 60_000 }],
  ['500: the gateway', { status: 500, body: 'oops' }, { kind: 'gateway-fault', detail: 'http-500' }],
  ['502: that request', { status: 502 }, { kind: 'record-fault', detail: 'http-502', status: 502 }],
  ['503: that practice', { status: 503 }, { kind: 'unavailable', detail: 'http-503', retryAfterMs: null }],
  [
    '504: that practice is slow',
    { status: 504 },
    { kind: 'unavailable', detail: 'http-504', retryAfterMs: null, status: 504 },
  ],
  ['501: that practice is too old', { status: 501 }, { kind: 'record-fault', detail: 'http-501', status: 501 }],
  ['507', { status: 507 }, { kind: 'gateway-fault', detail: 'http-507' }],
  ['301, which is never followed', { status: 301 }, { kind: 'record-fault', detail: 'http-301', status: 301 }],
  ['204', { status: 204, body: '' }, { kind: 'record-fault', detail: 'http-204', status: 204 }],
  ['connect', { fault: 'connect' }, { kind: 'gateway-fault', detail: 'connect' }],
  ['DNS', { fault: 'dns' }, { kind: 'gateway-fault', detail: 'dns' }],
  ['TLS', { fault: 'tls' }, { kind: 'gateway-fault', detail: 'tls' }],
  ['time-out', { fault: 'timeout' }, { kind: 'unavailable', detail: 'timeout' }],
  ['reset', { fault: 'reset' }, { kind: 'unavailable', detail: 'reset' }],
  ['an endless body', { fault: 'too-large' }, { kind: 'record-fault', detail: 'too-large' }],
];

describe('what an answer of EXACT means', () => {
  it.each(rows)('%s', (_name, answer, meaning) => {
    expect(classifyReply(replyOf(answer), NOW, false)).toMatchObject({ ...meaning, tookMs: 7 });
  });

  it('keeps nothing of an error’s text', () => {
    const answer = classifyReply(replyOf({ status: 502, body: 'patient Jane Doe' }), NOW, false);
    expect(JSON.stringify(answer)).not.toContain('Jane');
  });

  it('counts nothing when the call was aborted by us', () => {
    expect(classifyReply(replyOf({ fault: 'aborted' }), NOW, true).kind).toBe('aborted');
  });
});
