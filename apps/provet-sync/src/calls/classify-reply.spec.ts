import { replyOf, type ScriptedAnswer } from '@relay/testing';
import { describe, expect, it } from 'vitest';
import { classifyReply, type ProvetAnswer } from './classify-reply.js';

const NOW = Date.parse('2026-11-26T12:00:00Z');

const rows: readonly [string, ScriptedAnswer, Partial<ProvetAnswer>][] = [
  [
    '200',
    { body: '{"id": 1}', headers: { date: 'Thu, 26 Nov 2026 12:00:05 GMT' } },
    { kind: 'success', text: '{"id": 1}', vendorTime: NOW + 5000 },
  ],
  ['201', { status: 201 }, { kind: 'success', vendorTime: null }],
  ['a body that is not UTF-8', { wellEncoded: false }, { kind: 'record-fault', detail: 'not-utf-8' }],
  ['401', { status: 401, body: { detail: 'Invalid token.' } }, { kind: 'token-refused' }],
  ['403', { status: 403 }, { kind: 'forbidden' }],
  ['404 of the API', { status: 404, body: { detail: 'Not found.' } }, { kind: 'missing', apiShaped: true }],
  ['404 of a proxy', { status: 404, body: '<html>nothing here</html>' }, { kind: 'missing', apiShaped: false }],
  ['404 with another object', { status: 404, body: { error: 'no' } }, { kind: 'missing', apiShaped: false }],
  [
    '429 with seconds',
    { status: 429, headers: { 'retry-after': '12' } },
    { kind: 'throttled', retryAfterMs: 12_000, local: false },
  ],
  ['429 without', { status: 429 }, { kind: 'throttled', retryAfterMs: 60_000, local: false }],
  ['400', { status: 400 }, { kind: 'record-fault', detail: 'http-400', status: 400 }],
  ['405', { status: 405 }, { kind: 'record-fault', detail: 'http-405', status: 405 }],
  ['408', { status: 408 }, { kind: 'unavailable', detail: 'http-408' }],
  [
    '301, which is never followed',
    { status: 301, headers: { location: 'https://evil.example/' } },
    { kind: 'record-fault', detail: 'http-301', status: 301 },
  ],
  ['204', { status: 204, body: '' }, { kind: 'record-fault', detail: 'http-204', status: 204 }],
  ['500', { status: 500 }, { kind: 'unavailable', detail: 'http-500', retryAfterMs: null }],
  ['502', { status: 502 }, { kind: 'unavailable', detail: 'http-502' }],
  ['503 with a pause', { status: 503, headers: { 'retry-after': '3' } }, { kind: 'unavailable', retryAfterMs: 3_000 }],
  ['504', { status: 504 }, { kind: 'unavailable', detail: 'http-504' }],
  ['a host that is no longer allowed', { fault: 'refused-host' }, { kind: 'unavailable', detail: 'refused-host' }],
  ['DNS', { fault: 'dns' }, { kind: 'unavailable', detail: 'dns' }],
  ['connect', { fault: 'connect' }, { kind: 'unavailable', detail: 'connect' }],
  ['TLS', { fault: 'tls' }, { kind: 'unavailable', detail: 'tls' }],
  ['time-out', { fault: 'timeout' }, { kind: 'unavailable', detail: 'timeout' }],
  ['reset', { fault: 'reset' }, { kind: 'unavailable', detail: 'reset' }],
  ['an endless body', { fault: 'too-large' }, { kind: 'record-fault', detail: 'too-large' }],
];

describe('what an answer of Provet means', () => {
  it.each(rows)('%s', (_name, answer, meaning) => {
    expect(classifyReply(replyOf(answer), NOW, false)).toMatchObject({ ...meaning, tookMs: 7 });
  });

  it('counts nothing when the call was aborted by us', () => {
    expect(classifyReply(replyOf({ fault: 'aborted' }), NOW, true).kind).toBe('aborted');
  });
});
