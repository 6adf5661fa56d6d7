import type { ConsentInvite, ExactEnvironment, Grant, TenantValue } from '@relay/contracts';
import type { Life } from '../lifecycle/life.js';

/** What EXACT tells of a practice that is not on `tenant.v1`. */
export interface PracticeFacts {
  readonly country: string | null;
  readonly version: string | null;
  readonly observedAt: string;
}

/** Everything that the registry knows about a tenant itself. `version` is that of `tenant.v1`; 0 = not stored yet. */
export interface TenantRecord {
  readonly tenantId: string;
  readonly life: Life;
  readonly version: number;
  readonly changedAt: string;
  readonly host: string | null;
  readonly scheme: 'https' | 'http' | null;
  readonly provetId: number | null;
  readonly environment: ExactEnvironment | null;
  readonly practiceId: string | null;
  readonly grant: Grant;
  readonly credentialId: string | null;
  readonly externalId: string | null;
  /** The vendor's name for the practice. */
  readonly vendorName: string | null;
  /** The integrator's name for it; goes before the vendor's. */
  readonly givenName: string | null;
  readonly labels: Readonly<Record<string, string>>;
  readonly details: PracticeFacts | null;
  /** Invitations to consent that may still be open. */
  readonly invites: readonly ConsentInvite[];
}

/** What is published on `tenant.v1`. */
export function tenantValueOf(record: TenantRecord): TenantValue {
  return {
    tenantId: record.tenantId,
    vendor: record.life.vendor,
    state: record.life.state,
    reason: record.life.reason,
    version: record.version,
    host: record.host,
    scheme: record.scheme,
    provetId: record.provetId,
    environment: record.environment,
    practiceId: record.practiceId,
    grant: record.grant,
    credentialId: record.credentialId,
    externalId: record.externalId,
    displayName: record.givenName ?? record.vendorName,
    changedAt: record.changedAt,
    ...(record.life.facts.purgedAt ? { purgedAt: record.life.facts.purgedAt } : {}),
    ...(record.invites.length > 0 && record.life.facts.presence === 'here' ? { invites: [...record.invites] } : {}),
  };
}
