import { replyOf } from '@relay/testing';
import { describe, expect, it } from 'vitest';
import type { Connection } from '../credentials/connection.js';
import { buildRevokeRequest, revokeAnswerOf } from './revoke-request.js';

const connection = {
  tenantId: 'provet:vet.example.com:8443:9',
  clientId: 'c:1',
  secret: 's 2',
  tokenUrl: 'https://vet.example.com:8443/9/oauth2/token',
} as Connection;
const revocable = { token: 'to&ken', hint: 'refresh_token' } as const;

describe('a revocation', () => {
  it('goes to the tenant’s own revocation endpoint, in the form that the vendor takes', () => {
    const request = buildRevokeRequest(connection, revocable, 'basic');
    expect(request.url).toBe('https://vet.example.com:8443/9/oauth2/revoke_token/');
    expect(request.headers['authorization']).toBe(`Basic ${Buffer.from('c%3A1:s%202').toString('base64')}`);
    expect(request.body).toBe('token=to%26ken&token_type_hint=refresh_token');
  });

  it('carries the client in the form where the vendor wants that, and for a public client', () => {
    const inForm = buildRevokeRequest(connection, revocable, 'body');
    expect(inForm.headers).not.toHaveProperty('authorization');
    expect(new URLSearchParams(inForm.body).get('client_secret')).toBe('s 2');
    const open = buildRevokeRequest({ ...connection, secret: null }, revocable, 'body');
    expect(Object.fromEntries(new URLSearchParams(open.body))).toMatchObject({ client_id: 'c:1' });
    expect(open.body).not.toContain('client_secret');
  });

  it.each([
    [200, 'revoked'],
    [204, 'revoked'],
    [400, 'refused'],
    [401, 'refused'],
    [404, 'refused'],
    [302, 'refused'],
    [429, 'failed'],
    [503, 'failed'],
  ])('takes %i for %s', (status, kind) => {
    expect(revokeAnswerOf(replyOf({ status }), 0).kind).toBe(kind);
  });

  it('takes no answer for a failure', () => {
    expect(revokeAnswerOf(replyOf({ fault: 'timeout' }), 0)).toMatchObject({ kind: 'failed', detail: 'timeout' });
  });
});
