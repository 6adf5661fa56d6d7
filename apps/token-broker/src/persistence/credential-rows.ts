import type { Capabilities } from '@relay/contracts';
import type { Tx } from '@relay/database';
import type { StorageKeys } from '@relay/sealing';
import type { CredentialStage, TriedCredential } from '../credentials/candidate-steps.js';
import type { Connection } from '../credentials/connection.js';
import {
  CONNECTION_NAMES,
  connectionValues,
  oneRow,
  placeholders,
  readConnection,
  type ConnectionRow,
} from './connection-rows.js';

/** A credential that has been tried. At most one of a tenant is in force. */
export interface Credential extends TriedCredential {
  /** Stable word for why it is not proven. */
  readonly code: string | null;
  readonly checkedAt: number;
  /** The consent that its tokens come from. */
  readonly grantId: string | null;
  /** The vendor has answered `invalid_client` without a break since then. */
  readonly invalidSince: number | null;
}

export type CredentialState = Pick<Credential, 'stage' | 'inForce' | 'code' | 'checkedAt'>;

/** What is said of a credential beside how it stands. */
export interface CredentialNotes {
  readonly invalidSince: number | null;
  readonly consentedBy: string | null;
  /** EXACT: what the client may do, as far as it is known. */
  readonly capabilities: Capabilities | null;
}

type Row = ConnectionRow & {
  stage: CredentialStage;
  in_force: boolean;
  code: string | null;
  checked_at: string;
  grant_id: string | null;
  invalid_since: string | null;
};

export class CredentialRows {
  constructor(private readonly storage: StorageKeys) {}

  async find(tx: Tx, credentialId: string): Promise<Credential | null> {
    const row = await oneRow<Row>(tx, 'select * from credential where credential_id = $1', [credentialId]);
    return row === null ? null : this.read(row);
  }

  async inForce(tx: Tx, tenantId: string): Promise<Credential | null> {
    const row = await oneRow<Row>(tx, 'select * from credential where tenant_id = $1 and in_force', [tenantId]);
    return row === null ? null : this.read(row);
  }

  /** What is published beside the state of a credential. */
  async notes(tx: Tx, credentialId: string): Promise<CredentialNotes> {
    const row = await oneRow<{
      invalid_since: string | null;
      consented_by: string | null;
      known: Capabilities | null;
    }>(
      tx,
      `select c.invalid_since, g.consented_by, s.known
       from credential c left join refresh_grant g using (grant_id) left join exact_scopes s on s.credential_id = c.credential_id
       where c.credential_id = $1`,
      [credentialId],
    );
    const since = row?.invalid_since ?? null;
    return {
      invalidSince: since === null ? null : Number(since),
      consentedBy: row?.consented_by ?? null,
      capabilities: row?.known ?? null,
    };
  }

  /** Credentials of a tenant that were received up to an instant and are not withdrawn yet. */
  async withdrawable(tx: Tx, tenantId: string, receivedAt: number): Promise<string[]> {
    const rows = await tx.query<{ credential_id: string }>(
      `select credential_id from credential where tenant_id = $1 and received_at <= $2 and stage <> 'withdrawn'`,
      [tenantId, receivedAt],
    );
    return rows.map((row) => row.credential_id);
  }

  async put(
    tx: Tx,
    connection: Connection,
    shard: number,
    state: CredentialState,
    grantId: string | null = null,
  ): Promise<void> {
    const values = await connectionValues(connection, shard, this.storage);
    await tx.query('delete from credential where credential_id = $1', [connection.credentialId]);
    await tx.query(
      `insert into credential (${CONNECTION_NAMES}, stage, in_force, code, checked_at, grant_id)
       values (${placeholders(values.length + 5)})`,
      [...values, state.stage, state.inForce, state.code, state.checkedAt, grantId],
    );
  }

  /** Returns the stage before; null when there is no such credential. */
  async setState(
    tx: Tx,
    credentialId: string,
    state: Omit<CredentialState, 'inForce'>,
  ): Promise<CredentialStage | null> {
    const row = await oneRow<{ before: CredentialStage }>(
      tx,
      `with old as (select credential_id, stage from credential where credential_id = $1 for update)
       update credential
       set stage = $2, code = $3, checked_at = $4,
           invalid_since = case when $2 = 'rejected' and $3 = 'invalid_client' then coalesce(invalid_since, $4)
                                when $2 = 'rejected' then invalid_since end
       from old where credential.credential_id = old.credential_id
       returning old.stage as before`,
      [credentialId, state.stage, state.code, state.checkedAt],
    );
    return row?.before ?? null;
  }

  /** Takes a credential out of use for good: its secret is gone after this. */
  async destroy(
    tx: Tx,
    credentialId: string,
    stage: 'replaced' | 'withdrawn',
    code: string,
    now: number,
  ): Promise<void> {
    await tx.query(
      `update credential set stage = $2, code = $3, checked_at = $4, in_force = false, secret = null, grant_id = null,
           invalid_since = null
       where credential_id = $1`,
      [credentialId, stage, code, now],
    );
  }

  async noteReceived(tx: Tx, credentialId: string, receivedAt: number): Promise<void> {
    await tx.query('update credential set received_at = greatest(received_at, $2) where credential_id = $1', [
      credentialId,
      receivedAt,
    ]);
  }

  private async read(row: Row): Promise<Credential> {
    return {
      connection: await readConnection(row, this.storage),
      stage: row.stage,
      inForce: row.in_force,
      code: row.code,
      checkedAt: Number(row.checked_at),
      grantId: row.grant_id,
      invalidSince: row.invalid_since === null ? null : Number(row.invalid_since),
    };
  }
}
