import { EXACT_SCOPES_OF, type ExactResource, type ExactScopeNeeds } from '@relay/contracts';

/** What the relay knows of EXACT's resources, as data. */
export interface CatalogueEntry {
  readonly name: ExactResource;
  /** Segment below `/v1/Practices/{practiceId}/`, in the vendor's documented spelling. */
  readonly segment: string;
  /** `practice`: one record, the details. `window`: lists only between two instants. `everything`: lists all. */
  readonly reads: 'practice' | 'window' | 'everything';
  readonly modifiedMember: string | null;
  /** What reading it takes, and what adds to its answers. */
  readonly scopes: ExactScopeNeeds;
}

export const CATALOGUE: readonly CatalogueEntry[] = [
  {
    name: 'practice',
    segment: 'details',
    reads: 'practice',
    modifiedMember: 'updatedOn',
    scopes: EXACT_SCOPES_OF.practice,
  },
  {
    name: 'practitioner',
    segment: 'Practitioners',
    reads: 'everything',
    modifiedMember: null,
    scopes: EXACT_SCOPES_OF.practitioner,
  },
  {
    name: 'appointment',
    segment: 'Appointments',
    reads: 'window',
    modifiedMember: 'lastUpdatedDate',
    scopes: EXACT_SCOPES_OF.appointment,
  },
  // A patient carries no date of change, so only a whole reading finds its changes.
  {
    name: 'patient',
    segment: 'Patients',
    reads: 'everything',
    modifiedMember: null,
    scopes: EXACT_SCOPES_OF.patient,
  },
];

const byName = new Map<string, CatalogueEntry>(CATALOGUE.map((entry) => [entry.name, entry]));

export function catalogueEntry(name: string): CatalogueEntry {
  const entry = byName.get(name);
  if (!entry) throw new Error(`resource ${name} is not in the catalogue`);
  return entry;
}
