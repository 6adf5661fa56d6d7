/** The vendor's older text names it for the whole API; the present one says that each endpoint has its own. */
const WHOLE_API = '13.842';

/**
 * The oldest EXACT that answers an endpoint. Where the vendor publishes none for it, what once held for the whole API: a
 * practice that is newer and cannot do it says so with 501.
 */
export const MINIMUM_VERSIONS = {
  practice: WHOLE_API,
  practitioner: WHOLE_API,
  appointment: '13.842',
  patient: '13.842',
  payor: WHOLE_API,
  'contact-details': WHOLE_API,
} as const satisfies Record<string, string>;

export function minimumVersionOf(resource: string): string {
  return Object.hasOwn(MINIMUM_VERSIONS, resource)
    ? MINIMUM_VERSIONS[resource as keyof typeof MINIMUM_VERSIONS]
    : WHOLE_API;
}
