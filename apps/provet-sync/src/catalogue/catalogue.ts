import type { CatalogueEntry } from './entry.js';
import { CALENDAR } from './groups/calendar.js';
import { CARE } from './groups/care.js';
import { CONSULTATIONS } from './groups/consultations.js';
import { FINANCIAL } from './groups/financial.js';
import { ITEMS_AND_STOCK } from './groups/items-and-stock.js';
import { PATIENTS_AND_CLIENTS } from './groups/patients-and-clients.js';
import { PEOPLE_AND_LISTS } from './groups/people-and-lists.js';
import { SETTINGS } from './groups/settings.js';

export type { CatalogueEntry };

/** Every resource that can be relayed. One more is one more row in its group's file, and nothing else. */
export const CATALOGUE: readonly CatalogueEntry[] = [
  ...PATIENTS_AND_CLIENTS,
  ...CALENDAR,
  ...CONSULTATIONS,
  ...CARE,
  ...FINANCIAL,
  ...ITEMS_AND_STOCK,
  ...SETTINGS,
  ...PEOPLE_AND_LISTS,
];

/** What is relayed where `PROVET_RESOURCES` says nothing (contract §2). */
export const DEFAULT_RESOURCES = ['client', 'patient', 'appointment', 'consultation', 'invoice'] as const;

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
