import { replyOf, type ScriptedAnswer } from '@relay/testing';
import { describe, expect, it } from 'vitest';
import { meaningOf, type ReplyRules } from './reply-meaning.js';
import { NO_ANSWER_FAULTS } from './reply.js';

const NOW = Date.parse('2026-11-26T12:00:00Z');
const OWN_SERVERS: ReplyRules = { success: [200, 201], unreachable: 'unavailable' };
const ONE_GATEWAY: ReplyRules = { success: [200], unreachable: 'gateway-fault' };
const meaning = (answer: ScriptedAnswer, rules = OWN_SERVERS, aborted = false) =>
  meaningOf(replyOf(answer), NOW, aborted, rules);

describe('what a reply means at every vendor', () => {
  it('is success for the statuses that carry an answer', () => {
    const headers = { date: 'Thu, 26 Nov 2026 12:00:05 GMT', 'x-next': 'a' };
    const success = { kind: 'success', text: '[]', headers, vendorTime: NOW + 5_000, tookMs: 7 };
    expect(meaning({ status: 201, body: '[]', headers })).toEqual(success);
    expect(meaning({ status: 201 }, ONE_GATEWAY)).toMatchObject({ kind: 'other', status: 201 });
    expect(meaning({})).toMatchObject({ kind: 'success', vendorTime: null });
    expect(meaning({ wellEncoded: false })).toEqual({ kind: 'record-fault', detail: 'not-utf-8', tookMs: 7 });
  });

  it('is a pause for 429, of a minute where none is named', () => {
    const throttled = { kind: 'throttled', local: false, tookMs: 7 };
    expect(meaning({ status: 429, headers: { 'retry-after': '9' } })).toEqual({ ...throttled, retryAfterMs: 9_000 });
    expect(meaning({ status: 429 })).toEqual({ ...throttled, retryAfterMs: 60_000 });
  });

  it('leaves every other status to the vendor', () => {
    const headers = { 'retry-after': '3' };
    const other = { kind: 'other', status: 503, text: 'oops', retryAfterMs: 3_000, tookMs: 7 };
    expect(meaning({ status: 503, body: 'oops', headers })).toEqual(other);
    expect(meaning({ status: 404 })).toMatchObject({ kind: 'other', status: 404, retryAfterMs: null });
  });

  it('blames nobody’s server where all share one address that cannot be reached', () => {
    const kinds = (rules: ReplyRules) =>
      Object.fromEntries(NO_ANSWER_FAULTS.map((fault) => [fault, meaning({ fault }, rules).kind]));
    const either = {
      timeout: 'unavailable',
      reset: 'unavailable',
      aborted: 'unavailable',
      'too-large': 'record-fault',
    };
    const unreached = (kind: string) => ({ 'refused-host': kind, dns: kind, connect: kind, tls: kind });
    expect(kinds(OWN_SERVERS)).toEqual({ ...either, ...unreached('unavailable') });
    expect(kinds(ONE_GATEWAY)).toEqual({ ...either, ...unreached('gateway-fault') });
  });

  it('is nothing at all when we ended the call', () => {
    expect(meaning({ fault: 'aborted' }, OWN_SERVERS, true)).toEqual({ kind: 'aborted', tookMs: 7 });
    expect(meaning({ fault: 'timeout' }, OWN_SERVERS, true).kind).toBe('unavailable');
  });
});
