import type { PracticeDetailsValue } from '@relay/contracts';
import type { ReceivedBatch, RelayKafka, TableReader } from '@relay/kafka';
import { USUAL_ZONE, zoneOfCountry } from './zone-of-country.js';

/** Where a practice is, as far as its days and hours go. */
export interface PracticePlace {
  /** IANA name. */
  readonly zone: string;
  /** Practices of one group share their days off: a country, as the vendor spells it; empty while it is not known. */
  readonly group: string;
}

const UNKNOWN: PracticePlace = { zone: USUAL_ZONE, group: '' };

/** Where the practices are, as `practice-details.v1` says: read whole by every process. */
export class PracticePlaces {
  private readonly places = new Map<string, PracticePlace>();
  private reader: TableReader | null = null;

  start(kafka: RelayKafka): void {
    this.reader ??= kafka.tableReader({ topics: ['practice-details.v1'], onBatch: (batch) => this.take(batch) });
  }

  get isLoaded(): boolean {
    return this.reader?.isLoaded ?? false;
  }

  async close(): Promise<void> {
    await this.reader?.close();
  }

  placeOf(tenantId: string): PracticePlace {
    return this.places.get(tenantId) ?? UNKNOWN;
  }

  take({ messages }: Pick<ReceivedBatch<unknown>, 'messages'>): void {
    for (const { key, value } of messages) {
      const details = value as PracticeDetailsValue | null;
      if (details === null) this.places.delete(key);
      else this.places.set(key, placeOf(details));
    }
  }
}

function placeOf({ country, countrySubdivision }: PracticeDetailsValue): PracticePlace {
  const zone = zoneOfCountry(country, countrySubdivision ?? null);
  return { zone: zone ?? USUAL_ZONE, group: country?.trim().toUpperCase() ?? '' };
}
