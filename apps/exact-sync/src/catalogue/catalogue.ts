import { EXACT_SCOPES_OF, type ExactResource, type ExactScopeNeeds } from '@relay/contracts';

/** What the relay knows of EXACT's resources, as data. */
export interface CatalogueEntry {
  readonly name: ExactResource;
  /** Segment below `/v1/Practices/{practiceId}/`, in the vendor's documented spelling. */
  readonly segment: string;
  /** A part of each object of that segment, which is then the record. Absent: the object itself is. */
  readonly part?: string;
  /**
   * `practice`: one record, the details. `window`: lists only between two instants. `everything`: lists all. `each`: the list
   * tells only whose there are; every one of them is asked for.
   */
  readonly reads: 'practice' | 'window' | 'everything' | 'each';
  readonly modifiedMember: string | null;
  /** Member with the instant that windows go by. */
  readonly placedBy?: string;
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
    placedBy: 'startDate',
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
  {
    name: 'payor',
    segment: 'Payors',
    reads: 'everything',
    modifiedMember: null,
    scopes: EXACT_SCOPES_OF.payor,
  },
  {
    name: 'contact-details',
    segment: 'Patients',
    part: 'ContactDetails',
    reads: 'each',
    modifiedMember: null,
    scopes: EXACT_SCOPES_OF['contact-details'],
  },
];

const byName = new Map<string, CatalogueEntry>(CATALOGUE.map((entry) => [entry.name, entry]));

export function catalogueEntry(name: string): CatalogueEntry {
  const entry = byName.get(name);
  if (!entry) throw new Error(`resource ${name} is not in the catalogue`);
  return entry;
}
