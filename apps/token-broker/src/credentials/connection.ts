import type { Grant } from '@relay/contracts';

/** Where a credential came from: the hookup URL, an operator, or this service's own environment (EXACT). */
export type CredentialSource = 'hookup' | 'operator' | 'environment';

/** Where and how a person consents: only with the authorization code grant. As registered by the vendor. */
export interface ConsentEndpoints {
  readonly authorizeUrl: string;
  /** Present: the integration uses OpenID, and the person can be named. */
  readonly discoveryUrl: string | null;
  /** That id tokens must be signed with. */
  readonly algorithm: string | null;
  readonly redirectUris: readonly string[];
}

/** How to ask for tokens with one credential. `secret` is in clear and lives in memory only. */
export interface Connection {
  readonly credentialId: string;
  /** The tenant, or `exact:<environment>`. */
  readonly tenantId: string;
  readonly clientId: string;
  readonly clientType: 'confidential' | 'public';
  readonly grant: Grant;
  /** Null for EXACT: its host comes from the configuration. */
  readonly host: string | null;
  readonly tokenUrl: string;
  /** Space-separated and sorted, as on `token.v1`. */
  readonly scopes: string;
  readonly secret: string | null;
  /** Null with client credentials. */
  readonly consent: ConsentEndpoints | null;
  readonly source: CredentialSource;
  /** Unix milliseconds. The newest one received wins. */
  readonly receivedAt: number;
}

/** True when trying the one would say the same as trying the other. */
export function isSameConnection(a: Connection, b: Connection): boolean {
  return (
    a.credentialId === b.credentialId &&
    a.secret === b.secret &&
    a.tokenUrl === b.tokenUrl &&
    a.grant === b.grant &&
    a.clientType === b.clientType &&
    a.scopes === b.scopes &&
    isSameConsent(a.consent, b.consent)
  );
}

function isSameConsent(a: ConsentEndpoints | null, b: ConsentEndpoints | null): boolean {
  if (a === null || b === null) return a === b;
  return (
    a.authorizeUrl === b.authorizeUrl &&
    a.discoveryUrl === b.discoveryUrl &&
    a.algorithm === b.algorithm &&
    a.redirectUris.join(' ') === b.redirectUris.join(' ')
  );
}
