import { jsonObject, recordIdOf } from '../records/record-id.js';
import { catalogueEntry } from './catalogue.js';
import type { CatalogueEntry } from './entry.js';

/** Parts that no member of their whole is known to list, but that their own list can be filtered by it. */
function isFamily({ parent }: CatalogueEntry): boolean {
  return parent !== null && parent.filter !== null && parent.listedIn === null;
}

/** The relayed resources with such parts of a whole; undefined where it has none. */
export function familiesOf(whole: string, enabled: readonly string[]): string[] | undefined {
  const families = enabled.filter((name) => {
    const entry = catalogueEntry(name);
    return entry.parent?.resource === whole && isFamily(entry);
  });
  return families.length === 0 ? undefined : families;
}

/** Reads which whole such a part names; undefined for a resource that is none. */
export function wholeReader(name: string): ((text: string) => string | null) | undefined {
  const entry = catalogueEntry(name);
  const relation = entry.parent?.relation;
  return relation !== undefined && isFamily(entry) ? (text) => wholeIdOf(text, relation) : undefined;
}

/** The id in a part's relation to its whole: an address, the whole itself where the vendor has embedded it, or its id. */
export function wholeIdOf(text: string, relation: string): string | null {
  return relatedId(jsonObject(text)?.[relation]);
}

/** Id of the record that a relation's value means; null where it means none. The address is never called. */
export function relatedId(value: unknown): string | null {
  if (typeof value === 'string') return recordIdOf(value.includes('/') ? { url: value } : { id: value });
  if (typeof value === 'number') return recordIdOf({ id: value });
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? recordIdOf(value as Record<string, unknown>)
    : null;
}
