import type { TwinRecord } from '../json.js';
import type { GeneratorContext, ResourceName } from './records/context.js';

/** Kinds of values that a declared filter compares. */
export type FilterKind = 'number' | 'text' | 'flag' | 'instant' | 'day' | 'relation';

/** Requests a minute for each operation; a page larger than the default costs more than one. */
export interface OperationLimits {
  readonly list: number;
  readonly read: number;
  readonly create: number;
  readonly update: number;
  readonly delete: number;
}

/** The rules of one resource, as data. */
export interface ProvetResource {
  /** As topics call it: the path with `/` as `-`. */
  readonly name: ResourceName;
  readonly path: string;
  /** False: lists only, the path of one record is nothing. */
  readonly hasDetail: boolean;
  /** The API shows no `id`: records are told by their `url`. */
  readonly hidesId: boolean;
  /** Null: no permission is needed. */
  readonly permission: string | null;
  readonly writes: { readonly create: boolean; readonly update: boolean; readonly delete: boolean };
  readonly limits: OperationLimits;
  /** Which members the list form has when it is the reduced one; null: as many as the detail form. */
  readonly inList: ((member: string) => boolean) | null;
  readonly defaultOrdering: string;
  readonly orderings: readonly string[];
  /** Filters that the endpoint declares. Every other one is ignored without a word. */
  readonly filters: Readonly<Record<string, FilterKind>>;
  readonly floats: ReadonlySet<string>;
  /** Members that a create must carry. */
  readonly required: readonly string[];
  /** Members that a write cannot change. */
  readonly readOnly: readonly string[];
  /** Times are written in UTC with `Z`, else in the tenant's offset. */
  readonly utcTimes: boolean;
  /** How many records are generated for a tenant. Ids are 1 … count. */
  readonly count: (context: GeneratorContext) => number;
  readonly generate: (context: GeneratorContext, id: number) => TwinRecord;
  /** The triggers that its changes fire. */
  readonly fires: Fires;
  /** The only member of a webhook's body that says which record it is about. */
  readonly bodyMember: string;
}

/** Triggers by what happened; null: none. Some depend on the record as it was and is. */
export interface Fires {
  readonly created: number | null;
  readonly updated: number | null;
  readonly deleted: number | null;
}

/** Limits where the vendor's schema says nothing else; also those of `/hook/webhook/`, `/hook/queue/` and of actions (`list`). */
export const USUAL_LIMITS: OperationLimits = { list: 100, read: 300, create: 300, update: 300, delete: 300 };
