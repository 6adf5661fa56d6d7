import type { Tx } from '@relay/database';
import type { StorageKeys } from '@relay/sealing';
import type { TokenState } from '../tokens/token-plan.js';
import { oneRow } from './connection-rows.js';

/** The present access token of a credential and scope set. */
export interface StoredToken extends TokenState {
  readonly credentialId: string;
  readonly scopes: string;
  readonly tenantId: string;
  /** That of `token.v1`. */
  readonly version: number;
  readonly issuedAt: number;
  readonly expiresAt: number;
  /** Failed attempts since the last token. */
  readonly attempts: number;
  /** Which renewal of a person's consent it came with; null with client credentials. */
  readonly grantVersion: number | null;
}

/** A token as it is written: `accessToken` in clear, encrypted on its way into the row. */
export type NewToken = Pick<
  StoredToken,
  'credentialId' | 'scopes' | 'tenantId' | 'version' | 'issuedAt' | 'expiresAt' | 'grantVersion'
> &
  Pick<TokenState, 'renewAt' | 'mints' | 'refused'> & { readonly accessToken: string };

interface Row {
  credential_id: string;
  scopes: string;
  tenant_id: string;
  version: string;
  issued_at: string;
  expires_at: string;
  renew_at: string;
  invalid: boolean;
  mints: number[];
  attempts: number;
  retry_at: string | null;
  retire_at: string | null;
  refused: boolean;
  grant_version: string | null;
}

const COLUMNS =
  'credential_id, scopes, tenant_id, version, issued_at, expires_at, renew_at, invalid, mints, attempts, retry_at, retire_at, refused, grant_version';

export class TokenRows {
  constructor(private readonly storage: StorageKeys) {}

  async find(tx: Tx, credentialId: string, scopes: string): Promise<StoredToken | null> {
    const row = await oneRow<Row>(tx, `select ${COLUMNS} from token where credential_id = $1 and scopes = $2`, [
      credentialId,
      scopes,
    ]);
    return row === null ? null : read(row);
  }

  async ofCredential(tx: Tx, credentialId: string): Promise<StoredToken[]> {
    const rows = await tx.query<Row>(`select ${COLUMNS} from token where credential_id = $1`, [credentialId]);
    return rows.map(read);
  }

  /** Tokens of a credential that have not expired, in clear. */
  async openAll(tx: Tx, credentialId: string, now: number): Promise<string[]> {
    const rows = await tx.query<{ scopes: string; access_token: string }>(
      'select scopes, access_token from token where credential_id = $1 and expires_at > $2',
      [credentialId, now],
    );
    return Promise.all(
      rows.map(({ scopes, access_token: text }) =>
        this.storage.decrypt(text, { column: 'access_token', credentialId, scopes }),
      ),
    );
  }

  /** One token in clear. */
  async open(tx: Tx, credentialId: string, scopes: string): Promise<string | null> {
    const row = await oneRow<{ access_token: string }>(
      tx,
      'select access_token from token where credential_id = $1 and scopes = $2',
      [credentialId, scopes],
    );
    return row === null
      ? null
      : this.storage.decrypt(row.access_token, { column: 'access_token', credentialId, scopes });
  }

  /** Notes that the token was published again, unchanged, under another version. */
  async setVersion(tx: Tx, credentialId: string, scopes: string, version: number): Promise<void> {
    await tx.query('update token set version = $3 where credential_id = $1 and scopes = $2', [
      credentialId,
      scopes,
      version,
    ]);
  }

  /** Puts a fresh token in place of the one before; what was wrong with that one is forgotten. */
  async put(tx: Tx, token: NewToken, shard: number, dueAt: number): Promise<void> {
    const encrypted = await this.storage.encrypt(token.accessToken, {
      column: 'access_token',
      credentialId: token.credentialId,
      scopes: token.scopes,
    });
    await tx.query('delete from token where credential_id = $1 and scopes = $2', [token.credentialId, token.scopes]);
    await tx.query(
      `insert into token (credential_id, scopes, tenant_id, shard, version, access_token, issued_at, expires_at, renew_at,
                          mints, refused, due_at, grant_version)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`,
      [
        token.credentialId,
        token.scopes,
        token.tenantId,
        shard,
        token.version,
        encrypted,
        token.issuedAt,
        token.expiresAt,
        token.renewAt,
        JSON.stringify(token.mints),
        token.refused,
        dueAt,
        token.grantVersion,
      ],
    );
  }

  /** Writes what a step changed. `dueAt` null: nothing is to be done until something arrives. */
  async setState(
    tx: Tx,
    token: StoredToken,
    changes: Partial<Pick<StoredToken, 'invalid' | 'attempts' | 'retryAt' | 'retireAt' | 'refused'>>,
    dueAt: number | null,
  ): Promise<void> {
    const next = { ...token, ...changes };
    await tx.query(
      `update token set invalid = $3, attempts = $4, retry_at = $5, retire_at = $6, refused = $7, due_at = $8
       where credential_id = $1 and scopes = $2`,
      [next.credentialId, next.scopes, next.invalid, next.attempts, next.retryAt, next.retireAt, next.refused, dueAt],
    );
  }

  async remove(tx: Tx, credentialId: string, scopes: string): Promise<void> {
    await tx.query('delete from token where credential_id = $1 and scopes = $2', [credentialId, scopes]);
  }
}

function read(row: Row): StoredToken {
  return {
    credentialId: row.credential_id,
    scopes: row.scopes,
    tenantId: row.tenant_id,
    version: Number(row.version),
    issuedAt: Number(row.issued_at),
    expiresAt: Number(row.expires_at),
    renewAt: Number(row.renew_at),
    invalid: row.invalid,
    mints: row.mints,
    attempts: row.attempts,
    retryAt: row.retry_at === null ? null : Number(row.retry_at),
    retireAt: row.retire_at === null ? null : Number(row.retire_at),
    refused: row.refused,
    grantVersion: row.grant_version === null ? null : Number(row.grant_version),
  };
}
