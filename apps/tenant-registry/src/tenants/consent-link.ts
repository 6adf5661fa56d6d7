import { createHash, randomBytes } from 'node:crypto';
import type { ConsentInvite } from '@relay/contracts';
import { Problem } from '@relay/service-kit';
import type { ChangeSet, Note } from '../changes/change-set.js';
import { credentialsOf } from '../persistence/credential-rows.js';
import type { TenantRecord } from '../persistence/tenant-record.js';
import { findTenant } from '../persistence/tenant-rows.js';
import { noSuchTenant } from './operate-tenant.js';

/** Long enough for a manager who is on holiday, short enough that a forgotten e-mail is worth nothing. */
const INVITE_LIFE_MS = 7 * 86_400_000;
/** Each lives in the tenant's message. Who makes more has lost the older ones. */
const MOST_OPEN_INVITES = 10;

export interface ConsentLinkView {
  readonly url: string;
  readonly expiresAt: string;
}

/** An invite before it is given out. `token` goes to the practice and is kept nowhere. */
export interface NewInvite {
  readonly token: string;
  readonly sha256: string;
}

/** 256 random bits: nobody can make one that the registry has not published the digest of. */
export function newInvite(): NewInvite {
  const token = randomBytes(32).toString('base64url');
  return { token, sha256: createHash('sha256').update(token).digest('hex') };
}

/** Notes a new invitation beside its tenant, by its digest alone. The broker hears of it with the tenant. */
export async function inviteToConsent(
  set: ChangeSet,
  tenantId: string,
  { sha256, replaceWorkingGrant }: Pick<ConsentInvite, 'sha256' | 'replaceWorkingGrant'>,
  note: Note,
): Promise<ConsentInvite> {
  const before = await findTenant(set.tx, tenantId);
  if (before === null) throw noSuchTenant();
  await assertConsents(set, before);
  const now = Date.parse(set.now);
  const invite = { sha256, expiresAt: new Date(now + INVITE_LIFE_MS).toISOString(), replaceWorkingGrant };
  const open = before.invites.filter(({ expiresAt }) => Date.parse(expiresAt) > now);
  const after = { ...before, invites: [...open, invite].slice(-MOST_OPEN_INVITES) };
  const detail = { invite: sha256.slice(0, 12), expiresAt: invite.expiresAt, replaceWorkingGrant };
  await set.save(before, after, { ...note, detail });
  return invite;
}

export function consentLinkOf(publicUrl: string, tenantId: string, token: string): string {
  return `${publicUrl}/oauth/provet/${encodeURIComponent(tenantId)}/authorize?invite=${token}`;
}

/** Throws where a person's consent could not lead to anything. */
async function assertConsents(set: ChangeSet, record: TenantRecord): Promise<void> {
  const credentials = (await credentialsOf(set.tx, record.tenantId)).filter(
    ({ grant, code }) => grant === 'authorization_code' && code !== 'replaced',
  );
  if (record.grant !== 'authorization_code' && credentials.length === 0) {
    throw new Problem(404, { code: 'no-consent', detail: 'this tenant is connected without the consent of a person' });
  }
  if (record.life.facts.presence !== 'here') {
    throw new Problem(409, { code: 'illegal-transition', detail: `the tenant is ${record.life.state}` });
  }
  if (credentials.length > 0 && credentials.every(({ redirectOk }) => redirectOk === false)) {
    throw new Problem(409, {
      code: 'redirect-uri-mismatch',
      detail: 'the redirect address registered at the vendor is not the one of this relay',
    });
  }
}
