import { basicCredentials, formFields, jsonResponse, type TwinRequest, type TwinResponse } from '../http.js';
import { Seeded } from '../seeded.js';
import { methodNotAllowed } from './replies.js';
import type { Credential, ProvetTenant } from './tenant.js';

const SCOPES = ['restapi', 'openid'];

function refused(status: number, error: string): TwinResponse {
  const headers: Record<string, string> = status === 401 ? { 'www-authenticate': 'Bearer error="invalid_client"' } : {};
  return jsonResponse(status, JSON.stringify({ error }), { 'cache-control': 'no-store', ...headers });
}

/** `/oauth2/token/`: client credentials by Basic header or in the body; forms only, a JSON body is refused. */
export function tokenReply(tenant: ProvetTenant, request: TwinRequest, now: number): TwinResponse {
  if (request.method !== 'POST') return methodNotAllowed(request.method, ['POST', 'OPTIONS']);
  const fields = formFields(request.headers['content-type'], request.body);
  if (fields === null) return refused(400, 'invalid_request');
  const credential = authenticated(tenant, request, fields);
  if (credential === null) return refused(401, 'invalid_client');
  if (fields.get('grant_type') === null) return refused(400, 'invalid_request');
  if (fields.get('grant_type') !== 'client_credentials') return refused(400, 'unsupported_grant_type');
  const scopes = (fields.get('scope') ?? 'restapi').split(' ').filter((scope) => scope !== '');
  if (scopes.some((scope) => !SCOPES.includes(scope))) return refused(400, 'invalid_scope');
  const token = issueToken(tenant, credential, now);
  const answer = {
    access_token: token,
    expires_in: tenant.tokenSeconds,
    token_type: 'Bearer',
    scope: scopes.join(' '),
  };
  return jsonResponse(200, JSON.stringify(answer), { 'cache-control': 'no-store', pragma: 'no-cache' });
}

/** `/oauth2/revoke_token/`: answers 200 whether the token was known or not. */
export function revokeReply(tenant: ProvetTenant, request: TwinRequest): TwinResponse {
  if (request.method !== 'POST') return methodNotAllowed(request.method, ['POST', 'OPTIONS']);
  const fields = formFields(request.headers['content-type'], request.body);
  if (fields === null) return refused(400, 'invalid_request');
  const credential = authenticated(tenant, request, fields);
  if (credential === null) return refused(401, 'invalid_client');
  const token = fields.get('token') ?? '';
  if (tenant.tokens.get(token)?.clientId === credential.clientId) tenant.tokens.delete(token);
  return jsonResponse(200, '{}');
}

function authenticated(tenant: ProvetTenant, request: TwinRequest, fields: URLSearchParams): Credential | null {
  const given = basicCredentials(request.headers['authorization']) ?? {
    id: fields.get('client_id') ?? '',
    secret: fields.get('client_secret') ?? '',
  };
  const credential = tenant.credentials.get(given.id);
  return credential !== undefined && credential.secret === given.secret ? credential : null;
}

function issueToken(tenant: ProvetTenant, credential: Credential, now: number): string {
  for (const [token, issued] of tenant.tokens) if (issued.expiresAt <= now) tenant.tokens.delete(token);
  tenant.tokensIssued += 1;
  const random = new Seeded(tenant.context.seed, tenant.id, 'token', tenant.tokensIssued);
  const token = `pv${tenant.id}-${tenant.tokensIssued}-${random.hex(24)}`;
  tenant.tokens.set(token, { clientId: credential.clientId, expiresAt: now + tenant.tokenSeconds * 1000 });
  return token;
}
