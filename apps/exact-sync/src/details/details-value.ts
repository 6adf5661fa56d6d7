import type { PracticeDetailsValue, TenantValue } from '@relay/contracts';
import { jsonObject } from '../records/exact-record.js';
import { isTooOldForAll } from '../versions/version-gates.js';

/**
 * What the registry and the other processes need of a practice's details; null when the answer is no details. Absent members
 * are null. `resources`: those that are enabled.
 */
export function detailsValue(
  tenant: TenantValue,
  text: string,
  observedAt: number,
  resources: readonly string[],
): PracticeDetailsValue | null {
  const details = jsonObject(text);
  const { tenantId, environment, practiceId } = tenant;
  if (details === null || environment === null || practiceId === null) return null;
  const version = textOf(details['pmsVersion']) ?? textOf(details['pmsDisplayVersion']);
  return {
    tenantId,
    environment,
    practiceId,
    name: textOf(details['practiceName']),
    country: textOf(details['country']),
    countrySubdivision: textOf(details['countrySubdivision']),
    version,
    tooOld: isTooOldForAll(version, resources),
    updatedOn: textOf(details['updatedOn']),
    observedAt: new Date(observedAt).toISOString(),
  };
}

function textOf(value: unknown): string | null {
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' && value !== '' ? value : null;
}
