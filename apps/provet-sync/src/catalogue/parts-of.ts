import type { PartRef } from '@relay/sync-engine';
import { jsonObject, recordIdOf } from '../records/record-id.js';
import { catalogueEntry } from './catalogue.js';

interface ListedPart {
  readonly resource: string;
  readonly path: string;
  /** Member of the whole with the parts' addresses. */
  readonly member: string;
}

/** Reads the parts that a record lists, of those resources that are relayed. Undefined where it can list none. */
export function partsOf(whole: string, enabled: readonly string[]): ((text: string) => PartRef[]) | undefined {
  const listed = enabled.flatMap((name): ListedPart[] => {
    const { path, parent } = catalogueEntry(name);
    if (parent?.resource !== whole || parent.listedIn === null) return [];
    return [{ resource: name, path, member: parent.listedIn }];
  });
  return listed.length === 0 ? undefined : (text) => readParts(text, listed);
}

function readParts(text: string, listed: readonly ListedPart[]): PartRef[] {
  const record = jsonObject(text);
  if (record === null) return [];
  return listed.flatMap(({ resource, path, member }) => {
    const value = record[member];
    return (Array.isArray(value) ? value : []).flatMap((item: unknown): PartRef[] => {
      // An address, or the part itself where the vendor has embedded it.
      const url = typeof item === 'string' ? item : (item as { url?: unknown } | null)?.url;
      // Only its last part is taken, and only from an address of that very resource; it is never called.
      if (typeof url !== 'string' || !url.includes(`/${path}/`)) return [];
      const recordId = recordIdOf({ url });
      return recordId === null ? [] : [{ resource, recordId }];
    });
  });
}
