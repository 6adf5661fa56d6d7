import type { Grant } from '@relay/contracts';

/** Where a credential came from: the hookup URL, an operator, or this service's own environment (EXACT). */
export type CredentialSource = 'hookup' | 'operator' | 'environment';

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
    a.scopes === b.scopes
  );
}
