import type { ConsentInvite } from '@relay/contracts';
import type { Tx } from '@relay/database';
import type { StorageKeys } from '@relay/sealing';
import type { OpenIdProvider } from '../consent/openid-provider.js';
import type { Connection } from '../credentials/connection.js';
import { oneRow, readConnection, type ConnectionRow } from './connection-rows.js';

/** Kept this long after their end, so that a late visitor is told what happened and not that the link is unknown. */
const REMEMBERED_MS = 86_400_000;
/** Every visit that is begun takes a row; more at once for one invite is nobody's honest use. */
const MOST_VISITS = 20;

export interface Invite {
  readonly sha256: string;
  readonly tenantId: string;
  readonly expiresAt: number;
  readonly replaceWorkingGrant: boolean;
  readonly usedAt: number | null;
}

/** A visit to the vendor that is under way. */
export interface Visit {
  readonly sha256: string;
  readonly inviteSha256: string;
  readonly tenantId: string;
  readonly credentialId: string;
  readonly browserSha256: string;
  readonly provider: OpenIdProvider | null;
  readonly expiresAt: number;
}

export interface VisitSecrets {
  readonly verifier: string;
  readonly nonce: string;
}

/** Whose consent is asked for, and whether that would take the place of a grant that works. */
export interface ConsentTarget {
  readonly connection: Connection;
  readonly replacesWorking: boolean;
}

interface InviteRow {
  sha256: string;
  tenant_id: string;
  expires_at: string;
  replace_working_grant: boolean;
  used_at: string | null;
}

interface VisitRow {
  sha256: string;
  invite_sha256: string;
  tenant_id: string;
  credential_id: string;
  browser_sha256: string;
  secrets: string | null;
  provider: OpenIdProvider | null;
  expires_at: string;
  used_at: string | null;
}

/** Invitations, visits and what they aim at. Written by whichever process a browser reaches: nothing here is a shard's own. */
export class ConsentRows {
  constructor(private readonly storage: StorageKeys) {}

  /** Makes the open invitations of some tenants those that are published beside them. Used ones stay until they expire. */
  async follow(
    tx: Tx,
    tenants: readonly { readonly tenantId: string; readonly invites: readonly ConsentInvite[] }[],
    now: number,
  ): Promise<void> {
    const listed = tenants.flatMap(({ tenantId, invites }) => invites.map((invite) => ({ tenantId, ...invite })));
    await tx.query(
      `delete from consent_invite
       where (tenant_id = any($1) and used_at is null and not sha256 = any($2)) or expires_at < $3`,
      [tenants.map((one) => one.tenantId), listed.map((one) => one.sha256), now - REMEMBERED_MS],
    );
    if (listed.length === 0) return;
    await tx.query(
      `insert into consent_invite (sha256, tenant_id, expires_at, replace_working_grant)
       select * from unnest($1::text[], $2::text[], $3::bigint[], $4::boolean[]) on conflict do nothing`,
      [
        listed.map((one) => one.sha256),
        listed.map((one) => one.tenantId),
        listed.map((one) => Date.parse(one.expiresAt)),
        listed.map((one) => one.replaceWorkingGrant),
      ],
    );
  }

  async findInvite(tx: Tx, sha256: string): Promise<Invite | null> {
    const row = await oneRow<InviteRow>(tx, 'select * from consent_invite where sha256 = $1', [sha256]);
    if (row === null) return null;
    return {
      sha256: row.sha256,
      tenantId: row.tenant_id,
      expiresAt: Number(row.expires_at),
      replaceWorkingGrant: row.replace_working_grant,
      usedAt: row.used_at === null ? null : Number(row.used_at),
    };
  }

  /** Reserves an invitation for one visit that has come back. False: it is used, gone, or reserved by another. */
  async claimInvite(tx: Tx, sha256: string, now: number, until: number): Promise<boolean> {
    const rows = await tx.query(
      `update consent_invite set claimed_until = $3
       where sha256 = $1 and used_at is null and coalesce(claimed_until, 0) < $2 returning sha256`,
      [sha256, now, until],
    );
    return rows.length > 0;
  }

  async releaseInvite(tx: Tx, sha256: string): Promise<void> {
    await tx.query('update consent_invite set claimed_until = null where sha256 = $1', [sha256]);
  }

  async useInvite(tx: Tx, sha256: string, now: number): Promise<void> {
    await tx.query('update consent_invite set used_at = $2 where sha256 = $1', [sha256, now]);
  }

  async putVisit(tx: Tx, visit: Visit, secrets: VisitSecrets, now: number): Promise<void> {
    await tx.query(
      `delete from consent_state where expires_at < $1 or sha256 in (
         select sha256 from consent_state where invite_sha256 = $2 order by expires_at desc offset $3)`,
      [now - REMEMBERED_MS, visit.inviteSha256, MOST_VISITS - 1],
    );
    await tx.query(
      `insert into consent_state (sha256, invite_sha256, tenant_id, credential_id, browser_sha256, secrets, provider, expires_at)
       values ($1, $2, $3, $4, $5, $6, $7, $8)`,
      [
        visit.sha256,
        visit.inviteSha256,
        visit.tenantId,
        visit.credentialId,
        visit.browserSha256,
        await this.storage.encrypt(JSON.stringify(secrets), secretContext(visit.sha256)),
        visit.provider === null ? null : JSON.stringify(visit.provider),
        visit.expiresAt,
      ],
    );
  }

  /** `isUsed`: its answer has come before. */
  async findVisit(tx: Tx, sha256: string): Promise<(Visit & { readonly isUsed: boolean }) | null> {
    const row = await oneRow<VisitRow>(tx, 'select * from consent_state where sha256 = $1', [sha256]);
    return row === null ? null : { ...visitOf(row), isUsed: row.used_at !== null };
  }

  /** Uses a visit up and gives its secrets, which are kept no longer. Null: somebody else was quicker. */
  async takeVisit(tx: Tx, sha256: string, now: number): Promise<VisitSecrets | null> {
    const row = await oneRow<{ secrets: string }>(
      tx,
      `with open as (select sha256, secrets from consent_state where sha256 = $1 and used_at is null for update)
       update consent_state set used_at = $2, secrets = null from open where consent_state.sha256 = open.sha256
       returning open.secrets`,
      [sha256, now],
    );
    if (row === null) return null;
    return JSON.parse(await this.storage.decrypt(row.secrets, secretContext(sha256))) as VisitSecrets;
  }

  /** The newest registration that waits for a person, else the credential in force when a person once consented to it. */
  async findTarget(tx: Tx, tenantId: string): Promise<ConsentTarget | null> {
    const inForce = await oneRow<ConnectionRow & { stage: string }>(
      tx,
      'select * from credential where tenant_id = $1 and in_force',
      [tenantId],
    );
    const waiting = await oneRow<ConnectionRow>(
      tx,
      `select * from candidate where tenant_id = $1 and grant_type = 'authorization_code' order by received_at desc limit 1`,
      [tenantId],
    );
    const row = waiting ?? (inForce?.grant_type === 'authorization_code' ? inForce : null);
    if (row === null) return null;
    const replacesWorking = inForce !== null && (inForce.stage === 'proven' || inForce.stage === 'refused');
    return { connection: await readConnection(row, this.storage), replacesWorking };
  }
}

function visitOf(row: VisitRow): Visit {
  return {
    sha256: row.sha256,
    inviteSha256: row.invite_sha256,
    tenantId: row.tenant_id,
    credentialId: row.credential_id,
    browserSha256: row.browser_sha256,
    provider: row.provider,
    expiresAt: Number(row.expires_at),
  };
}

function secretContext(sha256: string): Record<string, string> {
  return { column: 'consent_state.secrets', state: sha256 };
}
