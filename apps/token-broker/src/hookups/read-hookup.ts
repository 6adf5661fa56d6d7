import {
  checkHookupUrls,
  credentialIdOf,
  grantOf,
  parseTenantId,
  provetTenantId,
  type HookupValue,
} from '@relay/contracts';
import type { Connection, ConsentEndpoints } from '../credentials/connection.js';

/** The vendor's default scope, and the only one that the relay needs. */
const PROVET_SCOPES = 'restapi';

/** A message on `hookup.v1` that does not agree with itself. Nobody who follows the contract writes one: it is put aside. */
export class HookupInconsistent extends Error {
  readonly code = 'hookup-inconsistent';
  readonly retryable = false;

  constructor(member: string) {
    super(`${member} does not fit the rest of the message`);
    this.name = 'HookupInconsistent';
  }
}

/**
 * The connection that a registration asks for. Sealed is not authenticated: whoever may write to the topic could pair a
 * tenant with an address of their own, so everything that names the tenant is compared again.
 */
export function readHookup(value: HookupValue, secret: string | null): Connection {
  const { tenantId, credentialId, host, registration } = value;
  const tenant = parseTenantId(tenantId);
  if (tenant?.vendor !== 'provet' || tenant.host !== host) throw new HookupInconsistent('tenantId');
  if (provetTenantId(host, registration.provet_id) !== tenantId) throw new HookupInconsistent('provet_id');
  if (credentialIdOf(tenantId, registration.client_id) !== credentialId) throw new HookupInconsistent('client_id');
  // The rules of the front door again; whether plain http is allowed here is looked at where it is called.
  const urls = checkHookupUrls(registration, new Set(), { allowHttp: true, hostAllowed: (named) => named === host });
  const [wrong] = [...urls.invalid, ...urls.forbidden];
  if (wrong !== undefined) throw new HookupInconsistent(wrong.member);
  const grant = grantOf(registration.authorization_grant_type);
  if (grant === null) throw new HookupInconsistent('authorization_grant_type');
  return {
    credentialId,
    tenantId,
    clientId: registration.client_id,
    clientType: registration.client_type,
    grant,
    host,
    tokenUrl: new URL(registration.token_url).href,
    scopes: PROVET_SCOPES,
    secret,
    consent: grant === 'authorization_code' ? readConsent(registration) : null,
    source: value.source,
    receivedAt: Date.parse(value.receivedAt),
  };
}

function readConsent(registration: HookupValue['registration']): ConsentEndpoints {
  const { authorize_url, openid_autodiscovery_url, algorithm, redirect_uris } = registration;
  return {
    authorizeUrl: new URL(authorize_url).href,
    discoveryUrl: openid_autodiscovery_url === null ? null : new URL(openid_autodiscovery_url).href,
    algorithm,
    redirectUris: redirect_uris.split(/\s+/).filter((uri) => uri !== ''),
  };
}
