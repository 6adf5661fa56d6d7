/** What the relay knows of EXACT's resources, as data. */
export interface CatalogueEntry {
  readonly name: string;
  /** Segment below `/v1/Practices/{practiceId}/`, in the vendor's documented spelling. */
  readonly segment: string;
  /** `practice`: one record, the details. `window`: lists only between two instants. `everything`: lists all. */
  readonly reads: 'practice' | 'window' | 'everything';
  readonly modifiedMember: string | null;
}

export const CATALOGUE: readonly CatalogueEntry[] = [
  { name: 'practice', segment: 'details', reads: 'practice', modifiedMember: 'updatedOn' },
  {
    name: 'practitioner',
    segment: 'Practitioners',
    reads: 'everything',
    modifiedMember: null,
  },
  {
    name: 'appointment',
    segment: 'Appointments',
    reads: 'window',
    modifiedMember: 'lastUpdatedDate',
  },
  // A patient carries no date of change, so only a whole reading finds its changes.
  {
    name: 'patient',
    segment: 'Patients',
    reads: 'everything',
    modifiedMember: null,
  },
];

const byName = new Map(CATALOGUE.map((entry) => [entry.name, entry]));

export function catalogueEntry(name: string): CatalogueEntry {
  const entry = byName.get(name);
  if (!entry) throw new Error(`resource ${name} is not in the catalogue`);
  return entry;
}
