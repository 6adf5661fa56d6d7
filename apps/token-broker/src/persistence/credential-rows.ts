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
}

export type CredentialState = Pick<Credential, 'stage' | 'inForce' | 'code' | 'checkedAt'>;

type Row = ConnectionRow & { stage: CredentialStage; in_force: boolean; code: string | null; checked_at: string };

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

  /** Credentials of a tenant that were received up to an instant and are not withdrawn yet. */
  async withdrawable(tx: Tx, tenantId: string, receivedAt: number): Promise<string[]> {
    const rows = await tx.query<{ credential_id: string }>(
      `select credential_id from credential where tenant_id = $1 and received_at <= $2 and stage <> 'withdrawn'`,
      [tenantId, receivedAt],
    );
    return rows.map((row) => row.credential_id);
  }

  async put(tx: Tx, connection: Connection, shard: number, state: CredentialState): Promise<void> {
    const values = await connectionValues(connection, shard, this.storage);
    await tx.query('delete from credential where credential_id = $1', [connection.credentialId]);
    await tx.query(
      `insert into credential (${CONNECTION_NAMES}, stage, in_force, code, checked_at)
       values (${placeholders(values.length + 4)})`,
      [...values, state.stage, state.inForce, state.code, state.checkedAt],
    );
  }

  async setState(tx: Tx, credentialId: string, state: Omit<CredentialState, 'inForce'>): Promise<void> {
    await tx.query('update credential set stage = $2, code = $3, checked_at = $4 where credential_id = $1', [
      credentialId,
      state.stage,
      state.code,
      state.checkedAt,
    ]);
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
      `update credential set stage = $2, code = $3, checked_at = $4, in_force = false, secret = null
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
    };
  }
}
