import { describe, expect, it } from 'vitest';
import type { Reply } from '@relay/http-client';
import { readTokenAnswer } from './token-answer.js';

const NOW = Date.UTC(2026, 0, 1);
const answer = (status: number, body: unknown, headers: Record<string, string> = {}) =>
  readTokenAnswer(
    {
      kind: 'response',
      status,
      headers,
      text: typeof body === 'string' ? body : JSON.stringify(body),
      wellEncoded: true,
      tookMs: 1,
      startedAt: NOW,
    },
    NOW,
  );

describe('an answer of a token endpoint', () => {
  it('grants a token with its life', () => {
    expect(answer(200, { access_token: 't', expires_in: 10, token_type: 'bearer' })).toEqual({
      kind: 'granted',
      accessToken: 't',
      refreshToken: null,
      idToken: null,
      scope: null,
      issuedAt: NOW,
      expiresAt: NOW + 10_000,
    });
    expect(answer(200, { access_token: 't' })).toMatchObject({ expiresAt: NOW + 3_600_000 });
  });

  it.each([
    [400, { error: 'invalid_client' }, 'invalid_client'],
    [401, { error: 'invalid_client' }, 'invalid_client'],
    [400, { error: 'invalid_scope' }, 'invalid_scope'],
    [401, { error: '<script>' }, 'token-endpoint-401'],
    [400, 'not json', 'token-endpoint-400'],
    [400, '["invalid_client"]', 'token-endpoint-400'],
  ])('%s %j rejects the credential as %s', (status, body, code) => {
    expect(answer(status, body)).toEqual({ kind: 'rejected', code });
  });

  it.each([201, 204, 301, 302, 403, 404, 429, 500, 502, 503])('%s says nothing about the credential', (status) => {
    expect(answer(status, { error: 'invalid_client', access_token: 't' })).toMatchObject({
      kind: 'failed',
      detail: `token-endpoint-${status}`,
    });
  });

  it('carries how long the vendor wants to be left alone', () => {
    expect(answer(429, '', { 'retry-after': '7' })).toMatchObject({ kind: 'failed', retryAfterMs: 7000 });
  });

  it.each([
    '',
    '[]',
    'null',
    '{"access_token":1}',
    '{"access_token":""}',
    '{"access_token":"a b"}',
    '{"access_token":"a\\r\\nb"}',
  ])('does not take %s for a token', (body) => {
    expect(answer(200, body)).toMatchObject({ kind: 'failed', detail: 'token-answer-malformed' });
  });

  it.each([
    [204, 'unknown'],
    [302, 'none'],
    [403, 'none'],
    [429, 'none'],
    [500, 'none'],
    [502, 'none'],
    [503, 'none'],
    [504, 'none'],
  ])('%s leaves it %s whether a refresh token was spent', (status, effect) => {
    expect(answer(status, '')).toMatchObject({ kind: 'failed', effect });
    expect(answer(status, '')).toMatchObject({ isAlive: status < 500 });
    expect(answer(200, 'cut off')).toMatchObject({ effect: 'unknown', isAlive: true });
  });

  it('carries the refresh token, the id token and the scope', () => {
    const more = { refresh_token: 'r', id_token: 'i', scope: 'openid restapi' };
    expect(answer(200, { access_token: 't', ...more })).toMatchObject({
      refreshToken: 'r',
      idToken: 'i',
      scope: 'openid restapi',
    });
    expect(answer(200, { access_token: 't', refresh_token: 7, id_token: null })).toMatchObject({
      refreshToken: null,
      idToken: null,
    });
  });

  it('does not take a token of another type', () => {
    expect(answer(200, { access_token: 't', token_type: 'mac' })).toMatchObject({ kind: 'failed' });
  });

  it('is a failure when there is none', () => {
    const silent: Reply = { kind: 'no-answer', fault: 'timeout', sent: true, detail: 'x', tookMs: 1, startedAt: NOW };
    const failed = { kind: 'failed', detail: 'timeout', retryAfterMs: null, isAlive: false };
    expect(readTokenAnswer(silent, NOW)).toEqual({ ...failed, effect: 'unknown' });
    expect(readTokenAnswer({ ...silent, sent: false }, NOW)).toEqual({ ...failed, effect: 'none' });
  });
});
