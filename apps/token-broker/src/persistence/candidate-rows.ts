import type { Tx } from '@relay/database';
import type { StorageKeys } from '@relay/sealing';
import type { Connection } from '../credentials/connection.js';
import {
  CONNECTION_NAMES,
  connectionValues,
  oneRow,
  placeholders,
  readConnection,
  type ConnectionRow,
} from './connection-rows.js';

/** A credential that is still to be tried, or waits for consent (`dueAt` null). One for each credential id: the newest. */
export interface Candidate {
  readonly connection: Connection;
  readonly attempts: number;
  readonly dueAt: number | null;
  /** A person's consent that its tokens come from; null with client credentials, and while consent is waited for. */
  readonly grantId: string | null;
  readonly storedAt: number;
  /** When it was let through to the vendor; null: it has not been tried yet. */
  readonly admittedAt: number | null;
  /** The vendor has refused its token once: the next refusal rejects it. */
  readonly tokenRefusedAt: number | null;
}

type Row = ConnectionRow & {
  attempts: number;
  due_at: string | null;
  grant_id: string | null;
  stored_at: string;
  admitted_at: string | null;
  token_refused_at: string | null;
};

export class CandidateRows {
  constructor(private readonly storage: StorageKeys) {}

  async find(tx: Tx, credentialId: string): Promise<Candidate | null> {
    const row = await oneRow<Row>(tx, 'select * from candidate where credential_id = $1', [credentialId]);
    if (row === null) return null;
    return {
      connection: await readConnection(row, this.storage),
      attempts: row.attempts,
      dueAt: instant(row.due_at),
      grantId: row.grant_id,
      storedAt: Number(row.stored_at),
      admittedAt: instant(row.admitted_at),
      tokenRefusedAt: instant(row.token_refused_at),
    };
  }

  /** Puts a candidate in place of an older one of the same credential id. */
  async put(
    tx: Tx,
    connection: Connection,
    shard: number,
    dueAt: number | null,
    grantId: string | null = null,
  ): Promise<void> {
    const values = await connectionValues(connection, shard, this.storage);
    await tx.query('delete from candidate where credential_id = $1', [connection.credentialId]);
    await tx.query(
      `insert into candidate (${CONNECTION_NAMES}, due_at, grant_id) values (${placeholders(values.length + 2)})`,
      [...values, dueAt, grantId],
    );
  }

  async noteReceived(tx: Tx, credentialId: string, receivedAt: number): Promise<void> {
    await tx.query('update candidate set received_at = greatest(received_at, $2) where credential_id = $1', [
      credentialId,
      receivedAt,
    ]);
  }

  /** Notes a failed try. */
  async postpone(tx: Tx, credentialId: string, attempts: number, dueAt: number): Promise<void> {
    await tx.query('update candidate set attempts = $2, due_at = $3 where credential_id = $1', [
      credentialId,
      attempts,
      dueAt,
    ]);
  }

  async admit(tx: Tx, credentialId: string, now: number): Promise<void> {
    await tx.query('update candidate set admitted_at = $2 where credential_id = $1', [credentialId, now]);
  }

  async defer(tx: Tx, credentialId: string, dueAt: number): Promise<void> {
    await tx.query('update candidate set due_at = $2 where credential_id = $1', [credentialId, dueAt]);
  }

  async noteTokenRefused(tx: Tx, credentialId: string, now: number): Promise<void> {
    await tx.query('update candidate set token_refused_at = $2 where credential_id = $1', [credentialId, now]);
  }

  /** Makes a candidate that is waiting to be tried due at once. */
  async hurry(tx: Tx, credentialId: string, now: number): Promise<void> {
    await tx.query('update candidate set due_at = $2 where credential_id = $1 and due_at > $2', [credentialId, now]);
  }

  async remove(tx: Tx, credentialId: string): Promise<void> {
    await tx.query('delete from candidate where credential_id = $1', [credentialId]);
  }

  /** Removes all of a tenant's candidates that were received up to an instant, and with them their secrets. */
  async removeUpTo(tx: Tx, tenantId: string, receivedAt: number): Promise<string[]> {
    const rows = await tx.query<{ credential_id: string }>(
      'delete from candidate where tenant_id = $1 and received_at <= $2 returning credential_id',
      [tenantId, receivedAt],
    );
    return rows.map((row) => row.credential_id);
  }
}

function instant(text: string | null): number | null {
  return text === null ? null : Number(text);
}
