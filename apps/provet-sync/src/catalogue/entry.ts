import { triggersOf, type Mark, type Trigger } from '@relay/contracts';
import type { ResourceSpec } from '@relay/sync-engine';

/** Requests a minute of one API user, for each operation apart; null: the endpoint does not offer it. */
export interface OperationLimits {
  readonly list: number;
  readonly read: number | null;
  readonly create: number | null;
  /** PUT and PATCH. */
  readonly write: number | null;
  readonly delete: number | null;
}

/** How often a resource is looked at: a share of the pace that the operator has set. */
export type PaceClass = 'fast' | 'ordinary' | 'slow' | 'rare';

/** Records that are parts of another. What changes in the parent does not always move the `modified` of its parts. */
export interface ParentRule {
  /** The parent's resource. */
  readonly resource: string;
  /** Member of the part with the parent's address: what every row that a filter gives is held against. */
  readonly relation: string;
  /** Filter of the part's list; null: its endpoint is known to ignore one. */
  readonly filter: string | null;
  /** Member of the parent's detail form that lists its parts' addresses; null where none is known. */
  readonly listedIn: string | null;
  readonly mark: Mark;
}

/** What is left behind when two records become one: the alias is deleted, the survivor updated (contract §6). */
export interface MergeRule {
  /** Member of an alias that names its survivor: one that is set marks a record that has gone although it can still be read. */
  readonly survivorMember: string | null;
  /** Member of a survivor that lists its aliases: they are asked for when it changes. */
  readonly aliasesMember: string | null;
  readonly mark: Mark;
}

/**
 * What the relay knows of one of Provet's resources, as data (vendor's schema of 2026-09-09 where nothing else is said).
 * The id of a record is always the last segment of its `url`; some have no `id`.
 */
export interface CatalogueEntry {
  /** Name in topics and ids: the path with `/` as `-`. */
  readonly name: string;
  /** Below `/api/0.1/`, without slashes at its ends. */
  readonly path: string;
  /** Null: the vendor lists none. */
  readonly permission: string | null;
  readonly limits: OperationLimits;
  /** Without it the list row is the record. */
  readonly hasDetail: boolean;
  /** Rows of a page that cost one request, and the page that comes when none is asked for. */
  readonly defaultPageSize: number;
  readonly pageSizeMark: Mark;
  /** Member with the time of last change, by which the list can be filtered; null: only whole readings find a change. */
  readonly modifiedMember: string | null;
  /** Of a missing one: `observed` = seen to have none, `unknown` = never seen. */
  readonly modifiedMark: Mark;
  readonly parent: ParentRule | null;
  readonly merge: MergeRule | null;
  /** Top-level members that are delivered but not compared: signed addresses, computed ages. */
  readonly volatileMembers: readonly string[];
  readonly pace: PaceClass;
  /** What else is not certain, or should be known by who switches it on. */
  readonly note: string | null;
}

/** What an entry may say beyond its path and operations. */
export interface EntryFacts {
  readonly modified?: 'confirmed' | 'observed' | 'inferred' | 'none';
  readonly pageSize?: 'confirmed' | 'observed';
  readonly parent?: ParentRule;
  readonly merge?: MergeRule;
  readonly volatile?: readonly string[];
  readonly pace?: PaceClass;
  readonly note?: string;
}

/** Default of every endpoint that was looked at; assumed of the others. */
const DEFAULT_PAGE_SIZE = 50;

/** Requests a minute where the schema says nothing else. */
const USUAL = { L: 100, C: 300, R: 300, U: 300, D: 300 } as const;
type Letter = keyof typeof USUAL;

/**
 * Reads operations as the reference writes them: `L125 C R500 U200 D` = list at 125 a minute, create at the usual limit,
 * read at 500, PUT and PATCH at 200, delete at the usual one.
 */
export function operationsOf(text: string): OperationLimits {
  const found = new Map<Letter, number>();
  for (const word of text.split(' ')) {
    const match = /^([LCRUD])(\d*)$/.exec(word);
    if (!match) throw new Error(`"${word}" is no operation`);
    const letter = match[1] as Letter;
    found.set(letter, match[2] === '' ? USUAL[letter] : Number(match[2]));
  }
  const list = found.get('L');
  if (list === undefined) throw new Error(`"${text}" has no list`);
  const of = (letter: Letter): number | null => found.get(letter) ?? null;
  return { list, read: of('R'), create: of('C'), write: of('U'), delete: of('D') };
}

/** Entries of one permission: `path`, operations, and what is known beyond. */
export function entriesOf(
  permission: string | null,
  rows: readonly (readonly [path: string, operations: string, facts?: EntryFacts])[],
): CatalogueEntry[] {
  return rows.map(([path, operations, facts = {}]) => {
    const limits = operationsOf(operations);
    return {
      name: path.replaceAll('/', '-'),
      path,
      permission,
      limits,
      hasDetail: limits.read !== null,
      defaultPageSize: DEFAULT_PAGE_SIZE,
      pageSizeMark: facts.pageSize ?? 'unknown',
      modifiedMember: facts.modified === undefined || facts.modified === 'none' ? null : 'modified',
      modifiedMark: facts.modified === 'none' ? 'observed' : (facts.modified ?? 'unknown'),
      parent: facts.parent ?? null,
      merge: facts.merge ?? null,
      volatileMembers: facts.volatile ?? [],
      pace: facts.pace ?? 'ordinary',
      note: facts.note ?? null,
    };
  });
}

/** The triggers that tell of a change of it. Without one it is polled. */
export function changeTriggersOf(resource: string): readonly Trigger[] {
  return triggersOf(resource).filter(({ kind }) => kind === 'changed');
}

/** Every record that has the time of its creation at all has it here. */
const CREATED_MEMBER = 'created';

/**
 * Which of a resource's triggers should tell of a new record and of a change, by their names: "created or modified" tells of
 * both, and goes before those of special occasions (finalised, sent). Only for resources that have one.
 */
export function announcedBy(resource: string): NonNullable<ResourceSpec['announcedBy']> {
  const triggers = changeTriggersOf(resource);
  const named = (words: RegExp): number | undefined => triggers.find(({ name }) => words.test(name))?.number;
  const [first] = triggers;
  if (first === undefined) throw new Error(`no trigger tells of a change of ${resource}`);
  const changed = named(/ modified$/) ?? named(/ updated$/) ?? first.number;
  const created = named(/ created or modified$/) ?? named(/ created$/) ?? changed;
  return { created, changed, createdMember: CREATED_MEMBER };
}

/** The triggers that tell of a deletion of it. Without one only sweeps find deletions. */
export function deleteTriggersOf(resource: string): readonly Trigger[] {
  return triggersOf(resource).filter(({ kind }) => kind === 'deleted');
}
