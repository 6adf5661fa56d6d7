import type { ResourceName } from '../records/context.js';
import type { Shape } from './generate-further.js';

/** What the twin makes of a resource beyond its path, permission and operations. */
export interface FurtherFacts {
  /** Default `named`. */
  readonly shape?: Shape;
  /** Times of change: shown but not filtered by (the default, since nothing is known), filtered by, or not there. */
  readonly times?: 'filtered' | 'unfiltered' | 'none';
  /** Members that hold the address of another record: the resource. */
  readonly relations?: Readonly<Record<string, ResourceName>>;
  /** Relations that the list can be filtered by. Any other filter is ignored without a word. */
  readonly filters?: readonly string[];
  /** A list of a practice, not its daily work: a handful of records. */
  readonly few?: boolean;
  /** As many as there are of that resource, one for each. */
  readonly partOf?: ResourceName;
  readonly hidesId?: boolean;
  /** Members that its list form lacks. */
  readonly omits?: readonly string[];
  readonly fires?: {
    readonly changed?: number;
    readonly created?: number;
    readonly updated?: number;
    readonly deleted?: number;
  };
  /** Default: the resource's name and `_id`. */
  readonly bodyMember?: string;
}

export interface FurtherRow {
  readonly path: string;
  readonly permission: string | null;
  readonly operations: string;
  readonly more?: FurtherFacts;
}

/** Rows of one permission. */
export function group(
  permission: string | null,
  rows: readonly (readonly [path: string, operations: string, more?: FurtherFacts])[],
): FurtherRow[] {
  return rows.map(([path, operations, more]) => ({
    path,
    permission,
    operations,
    ...(more === undefined ? {} : { more }),
  }));
}
