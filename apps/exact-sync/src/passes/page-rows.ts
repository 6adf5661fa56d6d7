import { jsonArraySlices, type PageRow } from '@relay/sync-engine';
import { readList, type ContinuationNames } from '../calls/continuation.js';
import { asObject, recordIdOf } from '../records/exact-record.js';

export interface Page {
  readonly rows: readonly PageRow[];
  readonly continuation: string | null;
}

/** Reads a page of records. Null when it is no list, or a row cannot be told which record it is. */
export function readPageBody(
  text: string,
  headers: Readonly<Record<string, string>>,
  names: ContinuationNames,
): Page | null {
  const list = readList(text, headers, names);
  if (list === null) return null;
  const texts = jsonArraySlices(text, list.member);
  if (texts.length !== list.items.length) return null;
  const rows: PageRow[] = [];
  for (const [index, item] of list.items.entries()) {
    const record = asObject(item);
    const recordId = record && recordIdOf(record);
    if (recordId === null) return null;
    rows.push({ recordId, text: texts[index] as string });
  }
  return { rows, continuation: list.continuation };
}
