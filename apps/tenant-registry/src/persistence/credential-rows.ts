import type { Capabilities, CredentialHealth, CredentialValue, Grant } from '@relay/contracts';
import type { Tx } from '@relay/database';

/** A credential as far as the registry knows it. `owner` is a tenant id, or `exact:<environment>`. */
export interface CredentialRecord {
  readonly credentialId: string;
  readonly owner: string;
  readonly grant: Grant | null;
  readonly scheme: 'https' | 'http' | null;
  readonly health: CredentialHealth | null;
  readonly inForce: boolean;
  readonly version: number;
  readonly checkedAt: string | null;
  readonly expiresAt: string | null;
  readonly code: string | null;
  /** Whether its registration names our callback; null without a registration or without the grant that needs it. */
  readonly redirectOk: boolean | null;
  /** Authorization code grant: who consented, as far as the vendor says. */
  readonly consentedBy: string | null;
  /** EXACT: which scopes the vendor grants and which not; null while nobody has said. */
  readonly capabilities: Capabilities | null;
}

interface CredentialRow {
  credential_id: string;
  owner: string;
  grant_type: Grant | null;
  scheme: 'https' | 'http' | null;
  health: CredentialHealth | null;
  in_force: boolean;
  version: string;
  checked_at: Date | null;
  expires_at: Date | null;
  code: string | null;
  redirect_ok: boolean | null;
  consented_by: string | null;
  capabilities: Capabilities | null;
}

export async function credentialsOf(tx: Tx, owner: string): Promise<CredentialRecord[]> {
  const rows = await tx.query<CredentialRow>('select * from credential where owner = $1', [owner]);
  return rows.map(recordOf);
}

/** Notes a registration. False: this one, or a later one of the same credential, was noted before. */
export async function noteRegistration(
  tx: Tx,
  registration: {
    credentialId: string;
    owner: string;
    grant: Grant;
    scheme: 'https' | 'http';
    receivedAt: string;
    redirectOk: boolean | null;
  },
): Promise<boolean> {
  const rows = await tx.query(
    `insert into credential (credential_id, owner, grant_type, scheme, registered_at, redirect_ok) values ($1, $2, $3, $4, $5, $6)
     on conflict (credential_id) do update set grant_type = $3, scheme = $4, registered_at = $5, redirect_ok = $6
       where credential.registered_at is null or credential.registered_at < $5
     returning credential_id`,
    [
      registration.credentialId,
      registration.owner,
      registration.grant,
      registration.scheme,
      registration.receivedAt,
      registration.redirectOk,
    ],
  );
  return rows.length > 0;
}

/** Notes what the token-broker says. False: this version, or a later one, was noted before. */
export async function noteCredential(tx: Tx, value: CredentialValue): Promise<boolean> {
  const rows = await tx.query(
    `insert into credential (credential_id, owner, health, in_force, version, checked_at, expires_at, code, consented_by, capabilities)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
     on conflict (credential_id) do update
       set health = $3, in_force = $4, version = $5, checked_at = $6, expires_at = $7, code = $8, consented_by = $9, capabilities = $10
       where credential.version < $5
     returning credential_id`,
    [
      value.credentialId,
      value.tenantId,
      value.health,
      value.inForce,
      value.version,
      value.checkedAt,
      value.expiresAt,
      value.code,
      value.consentedBy ?? null,
      json(value.capabilities ?? null),
    ],
  );
  return rows.length > 0;
}

export async function forgetCredential(tx: Tx, credentialId: string): Promise<void> {
  await tx.query('delete from credential where credential_id = $1', [credentialId]);
}

/** A withdrawn tenant's secrets are destroyed by the token-broker: what was proven of them is no longer true. */
export async function disproveCredentials(tx: Tx, owner: string): Promise<void> {
  await tx.query(
    'update credential set health = null, in_force = false, expires_at = null, consented_by = null where owner = $1',
    [owner],
  );
}

/** As a parameter for a jsonb column. */
function json(value: object | null): string | null {
  return value === null ? null : JSON.stringify(value);
}

function recordOf(row: CredentialRow): CredentialRecord {
  return {
    credentialId: row.credential_id,
    owner: row.owner,
    grant: row.grant_type,
    scheme: row.scheme,
    health: row.health,
    inForce: row.in_force,
    version: Number(row.version),
    checkedAt: row.checked_at?.toISOString() ?? null,
    expiresAt: row.expires_at?.toISOString() ?? null,
    code: row.code,
    redirectOk: row.redirect_ok,
    consentedBy: row.consented_by,
    capabilities: row.capabilities,
  };
}
