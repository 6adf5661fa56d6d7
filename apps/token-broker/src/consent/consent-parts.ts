import type { Database } from '@relay/database';
import type { Log } from '@relay/service-kit';
import type { TokenEndpoint } from '../minting/token-endpoint.js';
import type { AuditTrail } from '../audit/audit-trail.js';
import type { ConsentRows, ConsentTarget, Invite } from '../persistence/consent-rows.js';
import type { ConsentOutcome } from './consent-outcomes.js';
import type { ProviderCalls } from './provider-calls.js';

/** What came of a consent, as it is kept with the credential. */
export interface AcceptedConsent {
  readonly accessToken: string;
  readonly refreshToken: string | null;
  readonly expiresIn: number;
  readonly scope: string | null;
  /** As the vendor names the person; null when it does not. */
  readonly consentedBy: string | null;
  /** Digest of the invitation that was followed. */
  readonly inviteSha256: string;
}

/** Takes a grant over, to be proven and put in force by whoever owns the tenant's shard. */
export interface GrantTaker {
  accept(credentialId: string, consent: AcceptedConsent): Promise<'accepted' | 'unknown-credential' | 'no-secret'>;
}

/** What both halves of a consent work with. */
export interface ConsentParts {
  readonly database: Database;
  readonly rows: ConsentRows;
  readonly calls: ProviderCalls;
  readonly endpoint: TokenEndpoint;
  readonly grants: GrantTaker;
  readonly audit: AuditTrail;
  readonly publicUrl: string;
  readonly log: Log;
}

export function callbackUrlOf(publicUrl: string): string {
  return `${publicUrl}/oauth/callback`;
}

/** Why an invitation cannot be used, or null. */
export function inviteProblem(invite: Invite | null, tenantId: string, now: number): ConsentOutcome | null {
  if (invite === null || invite.tenantId !== tenantId) return 'link-unknown';
  if (invite.usedAt !== null) return 'link-used';
  return invite.expiresAt <= now ? 'link-expired' : null;
}

/** Why nobody can consent to this target with this invitation, or null. */
export function targetProblem(
  target: ConsentTarget | null,
  invite: Pick<Invite, 'replaceWorkingGrant'>,
  callbackUrl: string,
): ConsentOutcome | null {
  const consent = target?.connection.consent ?? null;
  if (target === null || consent === null) return 'nothing-to-consent';
  if (target.replacesWorking && !invite.replaceWorkingGrant) return 'already-connected';
  if (!consent.redirectUris.includes(callbackUrl)) return 'redirect-mismatch';
  const { clientType, secret } = target.connection;
  return clientType === 'confidential' && secret === null ? 'setup-incomplete' : null;
}
