import { exactTenantId, type ExactEnvironment, type SubscriptionListValue } from '@relay/contracts';
import { randomUUID } from 'node:crypto';
import { observed, type ChangeSet } from '../changes/change-set.js';
import { newLife } from '../lifecycle/life.js';
import { lockEnvironment, noteListing } from '../persistence/environment-rows.js';
import { closeMassLoss, raiseMassLoss } from '../persistence/hold-rows.js';
import type { TenantRecord } from '../persistence/tenant-record.js';
import { tenantsOfEnvironment } from '../persistence/tenant-rows.js';
import { isStorableText } from '../persistence/storable-text.js';
import { compareListing, type ListingVerdict } from './compare-listing.js';

export type ListingOutcome = 'old' | ListingVerdict['kind'];

/** Applies a whole listing of an environment's active subscriptions (contract §4). One that is older than the last is dropped. */
export async function applyListing(set: ChangeSet, listing: SubscriptionListValue): Promise<ListingOutcome> {
  const { environment, observedAt } = listing;
  const last = await lockEnvironment(set.tx, environment);
  if (last.observedAt !== null && Date.parse(observedAt) <= Date.parse(last.observedAt)) return 'old';
  const practiceIds = listing.practiceIds.filter(isStorableText);
  await noteListing(set.tx, environment, observedAt, practiceIds.length);
  const records = new Map((await tenantsOfEnvironment(set.tx, environment)).map((one) => [one.tenantId, one]));
  const known = [...records.values()].map((one) => ({
    tenantId: one.tenantId,
    practiceId: one.practiceId as string,
    life: one.life,
  }));
  const verdict = compareListing(known, practiceIds);
  if (verdict.kind === 'mass-loss') {
    await hold(set, listing, verdict);
    return 'mass-loss';
  }
  await release(set, environment);
  for (const practiceId of verdict.joined) {
    await set.create(newPractice(environment, practiceId, last.credentialId, set.now), observed('subscribed'));
  }
  for (const { tenantId } of verdict.named) {
    const record = records.get(tenantId) as TenantRecord;
    const returned = record.life.facts.presence !== 'here';
    const others = returned ? { credentialId: last.credentialId } : {};
    await set.advance(record, { kind: 'listed', askedAt: observedAt }, observed('listed'), others);
  }
  for (const { tenantId } of verdict.missing) {
    await set.advance(records.get(tenantId) as TenantRecord, { kind: 'missing' }, observed('not-listed'));
  }
  return 'normal';
}

async function hold(
  set: ChangeSet,
  listing: SubscriptionListValue,
  verdict: Extract<ListingVerdict, { kind: 'mass-loss' }>,
): Promise<void> {
  const { environment, observedAt } = listing;
  const detail = {
    lost: verdict.lost.map((one) => one.tenantId),
    limit: verdict.limit,
    listed: listing.practiceIds.length,
    observedAt,
  };
  const { holdId, raised } = await raiseMassLoss(set.tx, { holdId: randomUUID(), environment, detail, now: set.now });
  if (!raised) return;
  const about = { tenantId: null, detail: { holdId, environment, lost: detail.lost.length, limit: detail.limit } };
  await set.audit(observed('hold-raised', 'mass-loss'), about);
}

async function release(set: ChangeSet, environment: ExactEnvironment): Promise<void> {
  const holdId = await closeMassLoss(set.tx, environment, 'normal-listing', set.now);
  if (holdId !== null) {
    await set.audit(observed('hold-closed', 'normal-listing'), { tenantId: null, detail: { holdId, environment } });
  }
}

function newPractice(
  environment: ExactEnvironment,
  practiceId: string,
  credentialId: string | null,
  now: string,
): TenantRecord {
  return {
    tenantId: exactTenantId(environment, practiceId),
    life: newLife('exact', now),
    version: 0,
    changedAt: now,
    host: null,
    scheme: null,
    provetId: null,
    environment,
    practiceId,
    grant: 'client_credentials',
    credentialId,
    externalId: null,
    vendorName: null,
    givenName: null,
    labels: {},
    details: null,
    invites: [],
  };
}
