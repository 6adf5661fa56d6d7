/**
 * What the relay knows of Provet's resources, as data. Limits are requests a minute of one API user (vendor's schema of
 * 2026-09-09); a list costs ceil(page_size / 50). Volatile members are delivered but not compared.
 */
export interface CatalogueEntry {
  /** Name in topics and ids: the path with `/` as `-`. */
  readonly name: string;
  /** Below `/api/0.1/`, without slashes at its ends. */
  readonly path: string;
  readonly permission: string;
  readonly limits: { readonly list: number; readonly read: number };
  readonly modifiedMember: string | null;
  readonly volatileMembers: readonly string[];
}

/** Rows of a page that cost one request. */
export const DEFAULT_PAGE_SIZE = 50;

export const CATALOGUE: readonly CatalogueEntry[] = [
  {
    name: 'client',
    path: 'client',
    permission: 'General: Patients and clients',
    limits: { list: 125, read: 500 },
    modifiedMember: 'modified',
    volatileMembers: [],
  },
  {
    name: 'patient',
    path: 'patient',
    permission: 'General: Patients and clients',
    limits: { list: 300, read: 1200 },
    modifiedMember: 'modified',
    // An address at the media storage, signed anew for every answer; a new picture also moves `modified`.
    volatileMembers: ['picture'],
  },
  {
    name: 'appointment',
    path: 'appointment',
    permission: 'Calendar: Appointments',
    limits: { list: 300, read: 900 },
    modifiedMember: 'modified',
    volatileMembers: [],
  },
  {
    name: 'consultation',
    path: 'consultation',
    permission: 'General: Consultations and its items',
    limits: { list: 100, read: 300 },
    modifiedMember: 'modified',
    volatileMembers: [],
  },
  {
    name: 'invoice',
    path: 'invoice',
    permission: 'Financial: Invoices',
    limits: { list: 60, read: 250 },
    modifiedMember: 'modified',
    volatileMembers: [],
  },
];

/** Limits of `/hook/webhook/`, which is no record resource. */
export const WEBHOOK_LIMITS = { list: 100, write: 300 } as const;

const byName = new Map(CATALOGUE.map((entry) => [entry.name, entry]));

export function catalogueEntry(name: string): CatalogueEntry {
  const entry = byName.get(name);
  if (!entry) throw new Error(`resource ${name} is not in the catalogue`);
  return entry;
}

export function isInCatalogue(name: string): boolean {
  return byName.has(name);
}

/** The resources that `PROVET_RESOURCES` names, in the catalogue's order; `all` is the whole catalogue. */
export function enabledResources(names: readonly string[]): string[] {
  const all = names.includes('all');
  return CATALOGUE.filter((entry) => all || names.includes(entry.name)).map((entry) => entry.name);
}
