import type { TenantPlace } from '@relay/sync-engine';
import type { PracticeFacts } from '../practices/practice-book.js';
import { USUAL_ZONE, zoneOfCountry } from './zone-of-country.js';

/** Where the practices are, as far as their days and hours go: by what is known of each. */
export class PracticePlaces {
  constructor(private readonly facts: PracticeFacts) {}

  /** Days off go by country, and where a country has several zones by its parts: practices of one zone share them. */
  placeOf(tenantId: string): TenantPlace {
    const details = this.facts.of(tenantId);
    const zone = zoneOfCountry(details?.country ?? null, details?.countrySubdivision ?? null) ?? USUAL_ZONE;
    return { zone, group: zone };
  }
}
