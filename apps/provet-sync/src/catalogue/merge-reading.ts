import type { MergeReading } from '@relay/sync-engine';
import { jsonObject } from '../records/record-id.js';
import { catalogueEntry } from './catalogue.js';
import { relatedId } from './families.js';

/** Reads a catalogue's merge rule in records' texts; undefined where no member is known to tell of a merge. */
export function mergeReading(name: string): MergeReading | undefined {
  const { merge } = catalogueEntry(name);
  if (merge === null || (merge.survivorMember === null && merge.aliasesMember === null)) return undefined;
  const { survivorMember, aliasesMember } = merge;
  return {
    isAlias: (text) => {
      const record = survivorMember === null ? null : jsonObject(text);
      return record !== null && relatedId(record[survivorMember ?? '']) !== null;
    },
    aliasesOf: (text) => {
      const value = aliasesMember === null ? null : jsonObject(text)?.[aliasesMember];
      const ids = (Array.isArray(value) ? value : []).map(relatedId);
      return ids.filter((id) => id !== null);
    },
  };
}
