import type { PracticeDetailsValue } from '@relay/contracts';
import { observed, type ChangeSet } from '../changes/change-set.js';
import type { PracticeFacts } from '../persistence/tenant-record.js';
import { storableText } from '../persistence/storable-text.js';
import { findTenant } from '../persistence/tenant-rows.js';

/** Notes a practice's details; a practice that waits for them becomes active. Details older than the last are dropped. */
export async function applyDetails(set: ChangeSet, value: PracticeDetailsValue): Promise<void> {
  const record = await findTenant(set.tx, value.tenantId);
  if (record === null) return;
  const last = record.details?.observedAt;
  if (last !== undefined && Date.parse(value.observedAt) <= Date.parse(last)) return;
  const details: PracticeFacts = {
    country: value.country === null ? null : storableText(value.country),
    version: value.version === null ? null : storableText(value.version),
    observedAt: value.observedAt,
  };
  const vendorName = value.name === null ? record.vendorName : storableText(value.name);
  await set.advance(
    record,
    { kind: 'details-read', observedAt: value.observedAt, tooOld: value.tooOld === true },
    observed('details-read'),
    { details, vendorName },
  );
}
