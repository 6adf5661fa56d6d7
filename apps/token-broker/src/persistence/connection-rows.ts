import type { Tx } from '@relay/database';
import type { Grant } from '@relay/contracts';
import type { StorageKeys } from '@relay/sealing';
import type { Connection, ConsentEndpoints, CredentialSource } from '../credentials/connection.js';

/** The columns that candidates and credentials share. */
export interface ConnectionRow {
  credential_id: string;
  tenant_id: string;
  shard: number;
  client_id: string;
  client_type: 'confidential' | 'public';
  grant_type: Grant;
  host: string | null;
  token_url: string;
  scopes: string;
  secret: string | null;
  consent: ConsentEndpoints | null;
  source: CredentialSource;
  received_at: string;
}

export const CONNECTION_NAMES =
  'credential_id, tenant_id, shard, client_id, client_type, grant_type, host, token_url, scopes, secret, consent, source, received_at';

/** Values for `CONNECTION_NAMES`, in that order. The secret is encrypted for the row's own credential id. */
export async function connectionValues(
  connection: Connection,
  shard: number,
  storage: StorageKeys,
): Promise<unknown[]> {
  const { credentialId, secret } = connection;
  return [
    credentialId,
    connection.tenantId,
    shard,
    connection.clientId,
    connection.clientType,
    connection.grant,
    connection.host,
    connection.tokenUrl,
    connection.scopes,
    secret === null ? null : await storage.encrypt(secret, secretContext(credentialId)),
    connection.consent === null ? null : JSON.stringify(connection.consent),
    connection.source,
    connection.receivedAt,
  ];
}

export async function readConnection(row: ConnectionRow, storage: StorageKeys): Promise<Connection> {
  return {
    credentialId: row.credential_id,
    tenantId: row.tenant_id,
    clientId: row.client_id,
    clientType: row.client_type,
    grant: row.grant_type,
    host: row.host,
    tokenUrl: row.token_url,
    scopes: row.scopes,
    secret: row.secret === null ? null : await storage.decrypt(row.secret, secretContext(row.credential_id)),
    consent: row.consent,
    source: row.source,
    receivedAt: Number(row.received_at),
  };
}

/** Lists `$from`, `$from+1`, … for as many values. */
export function placeholders(count: number, from = 1): string {
  return Array.from({ length: count }, (_, i) => `$${from + i}`).join(', ');
}

/** The only row of a query for one, or null. */
export async function oneRow<R>(tx: Tx, sql: string, params: readonly unknown[]): Promise<R | null> {
  return (await tx.query<R>(sql, params))[0] ?? null;
}

function secretContext(credentialId: string): Record<string, string> {
  return { column: 'secret', credentialId };
}
