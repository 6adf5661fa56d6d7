import { grantOf, type Grant, type HookupValue } from '@relay/contracts';
import { evaluateCredentials } from '../credentials/evaluate-credentials.js';
import { observed, type ChangeSet, type Note } from '../changes/change-set.js';
import { closeOvertakenHolds } from '../holds/keep-registration.js';
import { newLife } from '../lifecycle/life.js';
import { noteRegistration } from '../persistence/credential-rows.js';
import type { TenantRecord } from '../persistence/tenant-record.js';
import { findTenant } from '../persistence/tenant-rows.js';
import { namesOurCallback } from './our-callback.js';

/** `repeated` = this very message was taken before. */
export type Registration = {
  readonly outcome: 'new' | 'returned' | 'known' | 'repeated';
  readonly record: TenantRecord;
};

/**
 * Takes a registration in: a new tenant, or one that was withdrawn, becomes `pending`. The secret in the message is sealed
 * for the token-broker and never looked at here.
 */
export async function registerTenant(set: ChangeSet, value: HookupValue, note?: Note): Promise<Registration> {
  const grant = grantOf(value.registration.authorization_grant_type) ?? 'client_credentials';
  const scheme: 'https' | 'http' = new URL(value.registration.token_url).protocol === 'http:' ? 'http' : 'https';
  const { tenantId, credentialId, receivedAt } = value;
  const redirectOk =
    grant === 'authorization_code' ? namesOurCallback(value.registration.redirect_uris, set.callbackUrl) : null;
  const noted = { credentialId, owner: tenantId, grant, scheme, receivedAt, redirectOk };
  // Before anything else is locked, as where a held registration is approved.
  await closeOvertakenHolds(set, value);
  const fresh = await noteRegistration(set.tx, noted);
  const before = await findTenant(set.tx, tenantId);
  if (before === null) {
    const why = note ?? observed('registered');
    return { outcome: 'new', record: await set.create(newTenant(value, grant, scheme), why) };
  }
  if (!fresh) return { outcome: 'repeated', record: before };
  const returned = before.life.facts.presence !== 'here';
  const others: Partial<TenantRecord> = returned ? { grant, scheme, credentialId: null, invites: [] } : {};
  const why = note ?? observed(returned ? 'returned' : 'registered-again');
  const { record } = await set.advance(before, { kind: 'registered' }, why, others);
  return { outcome: returned ? 'returned' : 'known', record };
}

/**
 * Second step, in a transaction of its own so that `pending` is seen before what follows it: the token-broker may have
 * proven the credential before the registration was read here.
 */
export async function settleRegistration(set: ChangeSet, tenantId: string): Promise<void> {
  const record = await findTenant(set.tx, tenantId);
  if (record !== null) await evaluateCredentials(set, record);
}

function newTenant(value: HookupValue, grant: Grant, scheme: 'https' | 'http'): TenantRecord {
  return {
    tenantId: value.tenantId,
    // The time is set when the row is stored.
    life: newLife('provet', value.receivedAt),
    version: 0,
    changedAt: value.receivedAt,
    host: value.host,
    scheme,
    provetId: value.registration.provet_id,
    environment: null,
    practiceId: null,
    grant,
    credentialId: null,
    externalId: null,
    vendorName: null,
    givenName: null,
    labels: {},
    details: null,
    invites: [],
  };
}
