import { credentialIdOf, grantOf, hostOf, parseTenantId, provetTenantId, type HookupValue } from '@relay/contracts';
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
  const prefix = `/${registration.provet_id}/`;
  const tokenUrl = ownUrl('token_url', registration.token_url, host, prefix);
  const grant = grantOf(registration.authorization_grant_type);
  if (grant === null) throw new HookupInconsistent('authorization_grant_type');
  return {
    credentialId,
    tenantId,
    clientId: registration.client_id,
    clientType: registration.client_type,
    grant,
    host,
    tokenUrl,
    scopes: PROVET_SCOPES,
    secret,
    consent: grant === 'authorization_code' ? readConsent(registration, host, prefix) : null,
    source: value.source,
    receivedAt: Date.parse(value.receivedAt),
  };
}

function readConsent(registration: HookupValue['registration'], host: string, prefix: string): ConsentEndpoints {
  const { authorize_url, openid_autodiscovery_url, algorithm, redirect_uris } = registration;
  return {
    authorizeUrl: ownUrl('authorize_url', authorize_url, host, prefix),
    // Its path is not published by the vendor, so only its host is compared.
    discoveryUrl:
      openid_autodiscovery_url === null
        ? null
        : ownUrl('openid_autodiscovery_url', openid_autodiscovery_url, host, '/'),
    algorithm,
    redirectUris: redirect_uris.split(/\s+/).filter((uri) => uri !== ''),
  };
}

/** An address that must be the tenant's own. */
function ownUrl(member: string, text: string, host: string, prefix: string): string {
  const url = URL.parse(text);
  if (url === null || hostOf(url) !== host || url.username !== '' || url.password !== '') {
    throw new HookupInconsistent(member);
  }
  if (!url.pathname.startsWith(prefix)) throw new HookupInconsistent(member);
  return url.href;
}
