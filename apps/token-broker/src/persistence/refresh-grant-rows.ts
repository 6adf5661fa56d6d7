import type { Tx } from '@relay/database';
import type { StorageKeys } from '@relay/sealing';
import type { GrantState, Intent } from '../tokens/grant-plan.js';
import { oneRow } from './connection-rows.js';

/** A person's consent as it is stored, without its tokens. */
export interface StoredGrant extends GrantState {
  readonly grantId: string;
  readonly credentialId: string;
  readonly tenantId: string;
  readonly issuedAt: number;
  /** As the vendor names them; null when it does not. */
  readonly consentedBy: string | null;
}

/** Tokens in clear: in memory only. */
export interface TokenPair {
  readonly accessToken: string;
  /** Null on a renewal: the one before goes on being good. */
  readonly refreshToken: string | null;
  readonly issuedAt: number;
  readonly expiresAt: number;
}

interface Row {
  grant_id: string;
  credential_id: string;
  tenant_id: string;
  version: string;
  has_refresh_token: boolean;
  issued_at: string;
  expires_at: string;
  intent_id: string | null;
  intent_at: string | null;
  tries: number;
  lost: string | null;
  consented_by: string | null;
}

const COLUMNS = `grant_id, credential_id, tenant_id, version, refresh_token is not null as has_refresh_token, issued_at,
  expires_at, intent_id, intent_at, tries, lost, consented_by`;

type Column = 'refresh_token' | 'access_token';

/**
 * Refresh tokens. Every change compares with the state that it was decided on: processes that were paused, and those that
 * have lost the shard, change nothing that has moved on.
 */
export class RefreshGrantRows {
  constructor(private readonly storage: StorageKeys) {}

  async find(tx: Tx, grantId: string): Promise<StoredGrant | null> {
    const row = await oneRow<Row>(tx, `select ${COLUMNS} from refresh_grant where grant_id = $1`, [grantId]);
    return row === null ? null : read(row);
  }

  async ofCredential(tx: Tx, credentialId: string): Promise<StoredGrant[]> {
    return (await tx.query<Row>(`select ${COLUMNS} from refresh_grant where credential_id = $1`, [credentialId])).map(
      read,
    );
  }

  /** The newest pair in clear, with the version that it belongs to. */
  async open(tx: Tx, grantId: string): Promise<{ readonly version: number; readonly pair: TokenPair } | null> {
    const row = await oneRow<{
      version: string;
      refresh_token: string | null;
      access_token: string;
      issued_at: string;
      expires_at: string;
    }>(
      tx,
      `select version, refresh_token, access_token, issued_at, expires_at from refresh_grant where grant_id = $1`,
      [grantId],
    );
    if (row === null) return null;
    const clear = (column: Column, text: string) => this.storage.decrypt(text, { column, grantId });
    const pair = {
      accessToken: await clear('access_token', row.access_token),
      refreshToken: row.refresh_token === null ? null : await clear('refresh_token', row.refresh_token),
      issuedAt: Number(row.issued_at),
      expiresAt: Number(row.expires_at),
    };
    return { version: Number(row.version), pair };
  }

  async put(
    tx: Tx,
    grant: Pick<StoredGrant, 'grantId' | 'credentialId' | 'tenantId' | 'consentedBy'>,
    pair: TokenPair,
    now: number,
  ): Promise<void> {
    const { grantId } = grant;
    await tx.query(
      `insert into refresh_grant (grant_id, credential_id, tenant_id, version, refresh_token, access_token, issued_at,
                                  expires_at, consented_by, consented_at)
       values ($1, $2, $3, 1, $4, $5, $6, $7, $8, $9)`,
      [
        grantId,
        grant.credentialId,
        grant.tenantId,
        pair.refreshToken === null ? null : await this.encrypt('refresh_token', grantId, pair.refreshToken),
        await this.encrypt('access_token', grantId, pair.accessToken),
        pair.issuedAt,
        pair.expiresAt,
        grant.consentedBy,
        now,
      ],
    );
  }

  /** Announces a spend of the refresh token, if nothing has changed since `seen` was read. False: something has. */
  async announce(tx: Tx, seen: StoredGrant, intent: Intent): Promise<boolean> {
    const rows = await tx.query(
      `update refresh_grant set intent_id = $4, intent_at = $5, tries = tries + 1
       where grant_id = $1 and version = $2 and intent_id is not distinct from $3 and lost is null
       returning grant_id`,
      [seen.grantId, seen.version, seen.intent?.id ?? null, intent.id, intent.at],
    );
    return rows.length > 0;
  }

  /**
   * Stores what a spend of `version` has brought. Needs no shard: a process that has lost it while the vendor answered
   * still is the only one that knows the new pair. The newest pair always wins. False: a newer one is there already.
   */
  async renew(tx: Tx, grantId: string, version: number, pair: TokenPair): Promise<boolean> {
    const refreshToken =
      pair.refreshToken === null ? null : await this.encrypt('refresh_token', grantId, pair.refreshToken);
    const accessToken = await this.encrypt('access_token', grantId, pair.accessToken);
    const rows = await tx.query(
      `update refresh_grant
       set version = version + 1, refresh_token = coalesce($3, refresh_token), access_token = $4, issued_at = $5,
           expires_at = $6, intent_id = null, intent_at = null, tries = 0, lost = null
       where grant_id = $1 and version = $2
       returning grant_id`,
      [grantId, version, refreshToken, accessToken, pair.issuedAt, pair.expiresAt],
    );
    return rows.length > 0;
  }

  /** Notes that an announced spend got no answer in its time: the next one is to wait as if it were announced at `at`. */
  async leaveAlone(tx: Tx, grantId: string, version: number, { id, at }: Intent): Promise<void> {
    await tx.query(`update refresh_grant set intent_at = $4 where grant_id = $1 and version = $2 and intent_id = $3`, [
      grantId,
      version,
      id,
      at,
    ]);
  }

  /** Notes that an announced spend has surely not happened. See `takenBack`. */
  async takeBack(tx: Tx, grantId: string, version: number, intentId: string, now: number): Promise<void> {
    await tx.query(
      `update refresh_grant
       set tries = greatest(0, tries - 1),
           intent_at = case when tries <= 1 then null when intent_id = $3 then $4 else intent_at end,
           intent_id = case when tries <= 1 then null else intent_id end,
           lost = nullif(lost, 'refresh-unknown')
       where grant_id = $1 and version = $2`,
      [grantId, version, intentId, now],
    );
  }

  /** Notes that the consent is over, unless the state it was decided on has changed. */
  async end(tx: Tx, grantId: string, version: number, intentId: string | null, code: string): Promise<boolean> {
    const rows = await tx.query(
      `update refresh_grant set lost = $4
       where grant_id = $1 and version = $2 and intent_id is not distinct from $3 and lost is null
       returning grant_id`,
      [grantId, version, intentId, code],
    );
    return rows.length > 0;
  }

  /** Makes whoever owns the shard look at the credential: something has come in for it. */
  async wake(tx: Tx, credentialId: string, now: number): Promise<void> {
    await tx.query(
      `update token set due_at = $2 where credential_id = $1 and retire_at is null and (due_at is null or due_at > $2)`,
      [credentialId, now],
    );
    await tx.query(
      `update candidate set due_at = $2 where credential_id = $1 and grant_id is not null and due_at > $2`,
      [credentialId, now],
    );
  }

  /** The same, for a credential that nothing was due for: it had been given up. */
  async wakeResting(tx: Tx, credentialId: string, now: number): Promise<void> {
    await tx.query(`update token set due_at = $2 where credential_id = $1 and retire_at is null and due_at is null`, [
      credentialId,
      now,
    ]);
  }

  async remove(tx: Tx, grantId: string): Promise<void> {
    await tx.query('delete from refresh_grant where grant_id = $1', [grantId]);
  }

  /** Removes all consents of a credential but the one that is kept. */
  async removeOfCredential(tx: Tx, credentialId: string, kept: string | null = null): Promise<void> {
    await tx.query('delete from refresh_grant where credential_id = $1 and grant_id is distinct from $2', [
      credentialId,
      kept,
    ]);
  }

  private encrypt(column: Column, grantId: string, text: string): Promise<string> {
    return this.storage.encrypt(text, { column, grantId });
  }
}

function read(row: Row): StoredGrant {
  return {
    grantId: row.grant_id,
    credentialId: row.credential_id,
    tenantId: row.tenant_id,
    version: Number(row.version),
    hasRefreshToken: row.has_refresh_token,
    issuedAt: Number(row.issued_at),
    expiresAt: Number(row.expires_at),
    intent: row.intent_id === null ? null : { id: row.intent_id, at: Number(row.intent_at) },
    tries: row.tries,
    lost: row.lost,
    consentedBy: row.consented_by,
  };
}
