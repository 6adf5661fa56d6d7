import { parseTenantId } from '@relay/contracts';
import type { Connection } from '../credentials/connection.js';

/** What a visit needs to know of the vendor's OpenID provider. Plain data: it is kept with the visit. */
export interface OpenIdProvider {
  readonly issuer: string;
  readonly jwksUri: string;
  readonly userinfoUrl: string | null;
  /** The provider says that it names itself in every answer (RFC 9207): one without its name is none of its answers. */
  readonly namesItself: boolean;
}

/** Signatures that can be checked: by the provider's published keys, or by the client's own secret. */
export type IdTokenAlgorithm = 'RS256' | 'HS256';

/** A discovery document that does not say what it must, or points elsewhere. */
export class DiscoveryRefused extends Error {
  readonly code = 'discovery-refused';
  readonly retryable = false;

  constructor(member: string) {
    super(`${member} of the discovery document is not usable`);
    this.name = 'DiscoveryRefused';
  }
}

/**
 * The algorithm that id tokens of this registration must have, or null where no id token can be checked. What the token
 * itself says about its algorithm never counts.
 */
export function idTokenAlgorithm({ consent, secret }: Connection): IdTokenAlgorithm | null {
  if (consent === null || consent.discoveryUrl === null) return null;
  if (consent.algorithm === 'RS256') return 'RS256';
  return consent.algorithm === 'HS256' && secret !== null ? 'HS256' : null;
}

/**
 * Reads a discovery document (OpenID Connect Discovery 1.0 §3). Where a person consents and where tokens are asked for is
 * what the registration says; the document only adds what no registration holds. Each address must be on the tenant's host
 * and stay below the tenant's own path, or below the issuer that was registered.
 */
export function readDiscovery(text: string, connection: Connection): OpenIdProvider {
  const document = parseObject(text);
  const discoveryUrl = connection.consent?.discoveryUrl ?? '';
  const issuer = document['issuer'];
  // §4.3: the issuer is the address that the document was found under.
  if (typeof issuer !== 'string' || discoveryUrlOf(issuer) !== withoutSlash(discoveryUrl)) {
    throw new DiscoveryRefused('issuer');
  }
  const walls = [pathOfTenant(connection), `${withoutSlash(new URL(issuer).pathname)}/`];
  const own = (member: string, value: unknown): string => {
    const url = typeof value === 'string' && !/[\s\\]/.test(value) ? URL.parse(value) : null;
    const base = new URL(discoveryUrl);
    const fits =
      url !== null &&
      url.origin === base.origin &&
      url.username === '' &&
      url.password === '' &&
      !/%(2f|5c)/i.test(url.pathname) &&
      walls.some((wall) => url.pathname.startsWith(wall));
    if (!fits) throw new DiscoveryRefused(member);
    return url.href;
  };
  const { userinfo_endpoint: userinfo, authorization_response_iss_parameter_supported: namesItself } = document;
  return {
    issuer,
    jwksUri: own('jwks_uri', document['jwks_uri']),
    userinfoUrl: userinfo === undefined || userinfo === null ? null : own('userinfo_endpoint', userinfo),
    namesItself: namesItself === true,
  };
}

/**
 * Whether an answer's `iss` (RFC 9207) fits the vendor that the person was sent to. Without a discovery document the name is
 * not known beforehand; it must then at least be one of the tenant's own.
 */
export function isRightIssuer(iss: string | null, provider: OpenIdProvider | null, connection: Connection): boolean {
  if (provider !== null) return iss === null ? !provider.namesItself : iss === provider.issuer;
  if (iss === null) return true;
  const url = URL.parse(iss);
  const expected = new URL(connection.tokenUrl);
  return url !== null && url.origin === expected.origin && `${url.pathname}/`.startsWith(pathOfTenant(connection));
}

function pathOfTenant({ tenantId }: Connection): string {
  const tenant = parseTenantId(tenantId);
  return tenant?.vendor === 'provet' ? `/${tenant.provetId}/` : '/no-tenant/';
}

function discoveryUrlOf(issuer: string): string {
  return `${withoutSlash(issuer)}/.well-known/openid-configuration`;
}

function withoutSlash(text: string): string {
  return text.replace(/\/+$/, '');
}

function parseObject(text: string): Record<string, unknown> {
  try {
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed === 'object' && parsed !== null) return parsed as Record<string, unknown>;
  } catch {
    // Not JSON: answered below.
  }
  throw new DiscoveryRefused('the form');
}
