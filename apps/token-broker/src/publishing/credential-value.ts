import type { CredentialValue } from '@relay/contracts';
import { healthOf, type CredentialStage } from '../credentials/candidate-steps.js';

export interface PublishedCredential {
  readonly credentialId: string;
  readonly tenantId: string;
  readonly stage: CredentialStage | 'awaiting-consent';
  readonly inForce: boolean;
  readonly code: string | null;
  readonly checkedAt: number;
  /** Of the newest access token, Unix milliseconds. */
  readonly expiresAt: number | null;
}

/** The value of `credential.v1`. */
export function credentialValueOf(credential: PublishedCredential, version: number): CredentialValue {
  const { stage, expiresAt } = credential;
  return {
    credentialId: credential.credentialId,
    tenantId: credential.tenantId,
    health: stage === 'awaiting-consent' ? 'awaiting-consent' : healthOf(stage),
    inForce: credential.inForce,
    version,
    checkedAt: new Date(credential.checkedAt).toISOString(),
    expiresAt: expiresAt === null ? null : new Date(expiresAt).toISOString(),
    code: credential.code,
  };
}
