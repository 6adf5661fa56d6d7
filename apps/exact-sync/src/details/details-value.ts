import type { PracticeDetailsValue, TenantValue } from '@relay/contracts';
import { jsonObject } from '../records/exact-record.js';

/** What the registry needs of a practice's details; null when the answer is no details. Absent members are null. */
export function detailsValue(tenant: TenantValue, text: string, observedAt: number): PracticeDetailsValue | null {
  const details = jsonObject(text);
  const { tenantId, environment, practiceId } = tenant;
  if (details === null || environment === null || practiceId === null) return null;
  return {
    tenantId,
    environment,
    practiceId,
    name: textOf(details['practiceName']),
    country: textOf(details['country']),
    countrySubdivision: textOf(details['countrySubdivision']),
    version: textOf(details['pmsVersion']) ?? textOf(details['pmsDisplayVersion']),
    observedAt: new Date(observedAt).toISOString(),
  };
}

function textOf(value: unknown): string | null {
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' && value !== '' ? value : null;
}
