import type { CredentialValue } from '@relay/contracts';
import { healthOf, type CredentialStage } from '../credentials/candidate-steps.js';
import type { CredentialNotes } from '../persistence/credential-rows.js';

export interface PublishedCredential {
  readonly credentialId: string;
  readonly tenantId: string;
  readonly stage: CredentialStage;
  readonly inForce: boolean;
  readonly code: string | null;
  readonly checkedAt: number;
  /** Of the newest access token, Unix milliseconds. */
  readonly expiresAt: number | null;
}

/** The value of `credential.v1`. */
export function credentialValueOf(
  credential: PublishedCredential,
  notes: CredentialNotes,
  version: number,
): CredentialValue {
  const { stage, expiresAt } = credential;
  return {
    credentialId: credential.credentialId,
    tenantId: credential.tenantId,
    health: healthOf(stage),
    inForce: credential.inForce,
    version,
    checkedAt: new Date(credential.checkedAt).toISOString(),
    expiresAt: expiresAt === null ? null : new Date(expiresAt).toISOString(),
    code: credential.code,
    consentedBy: notes.consentedBy,
    invalidSince: notes.invalidSince === null ? null : new Date(notes.invalidSince).toISOString(),
    ...(notes.capabilities === null ? {} : { capabilities: notes.capabilities }),
  };
}
