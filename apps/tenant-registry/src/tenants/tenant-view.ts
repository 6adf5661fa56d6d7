import {
  exactEnvironmentId,
  type Capabilities,
  type SyncStatusValue,
  type TenantReason,
  type TenantValue,
} from '@relay/contracts';
import type { Tx } from '@relay/database';
import { credentialsOf, type CredentialRecord } from '../persistence/credential-rows.js';
import { holdsOn, type HoldRecord } from '../persistence/hold-rows.js';
import { syncStatusesOf } from '../persistence/sync-status-rows.js';
import { tenantValueOf, type PracticeFacts, type TenantRecord } from '../persistence/tenant-record.js';

/** A tenant as on `tenant.v1`, with the integrator's labels. */
export interface TenantView extends TenantValue {
  readonly labels: Readonly<Record<string, string>>;
}

/** What is known of a credential. Never a secret. */
export interface CredentialView {
  readonly credentialId: string;
  readonly grant: string | null;
  readonly health: string | null;
  readonly inForce: boolean;
  readonly checkedAt: string | null;
  readonly expiresAt: string | null;
  readonly code: string | null;
  /** Who granted access: the grant dies with that person's account. `unknown` when the vendor does not say. */
  readonly consentedBy: string | null;
  /** EXACT: what the client may do. A missing scope is asked of the vendor, who grants it. */
  readonly capabilities: Capabilities | null;
}

/** One tenant with everything that explains its state. */
export interface TenantDetailView extends TenantView {
  readonly detail: {
    readonly reasonText: string | null;
    readonly since: string;
    readonly practice: PracticeFacts | null;
    readonly credentials: readonly CredentialView[];
    readonly sync: readonly SyncStatusValue[];
    readonly holds: readonly HoldRecord[];
  };
}

const REASON_TEXTS: Readonly<Record<TenantReason, string>> = {
  operator: 'An operator has suspended it. Resume it to let calls go on.',
  'credential-rejected':
    'The vendor does not accept its client id and secret. Have the practice register again with working ones.',
  'consent-unconfirmed':
    'The newest list of active subscriptions does not name it. Calls have stopped; the next list decides.',
  'subscription-lost': 'Calls are refused although the list of subscriptions names it. Ask the vendor, then resume it.',
  'version-too-old': 'The practice runs a version of its software that is too old.',
  'not-found': 'The vendor answers 404 for everything of it. It comes back by registering again, or by a resume.',
  'redirect-uri-mismatch':
    'The redirect address registered at the vendor is not the one of this relay. Have it put right, then register again.',
};

export function viewOf(record: TenantRecord): TenantView {
  return { ...tenantValueOf(record), labels: record.labels };
}

export async function detailOf(tx: Tx, record: TenantRecord): Promise<TenantDetailView> {
  const { tenantId, environment, life } = record;
  const owner = environment === null ? tenantId : exactEnvironmentId(environment);
  const credentials = await credentialsOf(tx, owner);
  return {
    ...viewOf(record),
    detail: {
      reasonText: life.reason === null ? null : REASON_TEXTS[life.reason],
      since: life.since,
      practice: record.details,
      credentials: credentials.map(credentialViewOf),
      sync: await syncStatusesOf(tx, tenantId),
      holds: await holdsOn(tx, { tenantId, environment }),
    },
  };
}

function credentialViewOf(credential: CredentialRecord): CredentialView {
  const { credentialId, grant, health, inForce, checkedAt, expiresAt, code, consentedBy, capabilities } = credential;
  // Only a person can have set up what works with this grant, whether the vendor has named the person or not.
  const isConsented = grant === 'authorization_code' && (health === 'proven' || health === 'refused');
  const by = consentedBy ?? (isConsented ? 'unknown' : null);
  return { credentialId, grant, health, inForce, checkedAt, expiresAt, code, consentedBy: by, capabilities };
}
