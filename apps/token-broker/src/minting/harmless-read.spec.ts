import type { Reply } from '@relay/http-client';
import { expect, it } from 'vitest';
import type { Connection } from '../credentials/connection.js';
import { harmlessRead, readAnswerOf } from './harmless-read.js';

const NOW = Date.UTC(2026, 0, 1);
const provet: Connection = {
  credentialId: 'provet:127.0.0.1:8080:9/c',
  tenantId: 'provet:127.0.0.1:8080:9',
  clientId: 'c',
  clientType: 'confidential',
  grant: 'client_credentials',
  host: '127.0.0.1:8080',
  tokenUrl: 'http://127.0.0.1:8080/9/oauth2/token/',
  scopes: 'restapi',
  secret: 's',
  consent: null,
  source: 'hookup',
  receivedAt: 1,
};

it('reads one department of the tenant, on the host that the token came from', () => {
  expect(harmlessRead(provet, 'https://exact.example', 't')).toMatchObject({
    method: 'GET',
    url: 'http://127.0.0.1:8080/9/api/0.1/department/?page_size=1',
    headers: { authorization: 'Bearer t' },
    route: '/{provet_id}/api/0.1/department/',
  });
});

it("reads the environment's subscriptions with the EXACT client", () => {
  const exact = { ...provet, tenantId: 'exact:qa', credentialId: 'exact:qa/c', host: null };
  expect(harmlessRead(exact, 'https://exact.example', 't').url).toBe('https://exact.example/v1/Subscriptions/active');
});

const reply = (status: number): Reply => ({
  kind: 'response',
  status,
  headers: { 'retry-after': '3' },
  text: '',
  wellEncoded: true,
  tookMs: 1,
  startedAt: NOW,
});

it.each([
  [200, { kind: 'accepted' }],
  [403, { kind: 'accepted' }],
  [401, { kind: 'refused' }],
  [404, { kind: 'failed', detail: 'read-404', retryAfterMs: 3000, isAlive: true }],
  [302, { kind: 'failed', detail: 'read-302', retryAfterMs: 3000, isAlive: true }],
  [503, { kind: 'failed', detail: 'read-503', retryAfterMs: 3000, isAlive: false }],
])('%s means %j', (status, meaning) => {
  expect(readAnswerOf(reply(status), NOW)).toEqual(meaning);
});

it('no answer says nothing', () => {
  const silent: Reply = { kind: 'no-answer', fault: 'dns', sent: false, detail: 'x', tookMs: 1, startedAt: NOW };
  expect(readAnswerOf(silent, NOW)).toEqual({ kind: 'failed', detail: 'dns', retryAfterMs: null, isAlive: false });
});
