import { changeTriggersOf, deleteTriggersOf, type CatalogueEntry } from './entry.js';

/** Something that an entry lacks or that is not certain, with what follows from it. */
export interface Lack {
  readonly code: (typeof LACKS)[number];
  readonly text: string;
}

const LACKS = [
  'no-delta-field',
  'no-trigger',
  'no-delete-trigger',
  'no-detail',
  'trigger-inferred',
  'page-size-unknown',
  'permission-unknown',
  'parent-inferred',
  'parent-filter-ignored',
  'merge-unknown',
  'not-simulated',
] as const;

/** What an entry lacks. `simulated` = the vendor simulator knows it, so that it can be tried on this machine. */
export function lacksOf(entry: CatalogueEntry, simulated: boolean): Lack[] {
  const lacks: Lack[] = [];
  const lack = (condition: boolean, code: Lack['code'], text: string): void => {
    if (condition) lacks.push({ code, text });
  };
  const changes = changeTriggersOf(entry.name);
  const deletions = deleteTriggersOf(entry.name);
  const delta = entry.modifiedMark === 'unknown' ? 'delta field unknown: sweeps only' : 'no delta field: sweeps only';
  lack(entry.modifiedMember === null, 'no-delta-field', delta);
  lack(changes.length === 0, 'no-trigger', 'no trigger: polled');
  lack(deletions.length === 0, 'no-delete-trigger', 'no delete trigger: sweeps find deletions');
  lack(!entry.hasDetail, 'no-detail', 'no detail form: the list row is the record');
  const guessed = [...changes, ...deletions].filter(({ resourceMark }) => resourceMark === 'inferred');
  lack(guessed.length > 0, 'trigger-inferred', `inferred trigger ${guessed.map((one) => one.number).join(', ')}`);
  lack(entry.pageSizeMark === 'unknown', 'page-size-unknown', `default page size unknown: ${entry.defaultPageSize}`);
  lack(entry.permission === null, 'permission-unknown', 'no permission listed');
  lack(entry.parent?.mark === 'inferred', 'parent-inferred', 'parent rule inferred');
  lack(
    entry.parent !== null && entry.parent.filter === null,
    'parent-filter-ignored',
    'not listed by parent: read one by one',
  );
  lack(entry.merge?.mark === 'unknown', 'merge-unknown', 'how a merge shows is not known');
  lack(!simulated, 'not-simulated', 'not in the simulator');
  return lacks;
}
