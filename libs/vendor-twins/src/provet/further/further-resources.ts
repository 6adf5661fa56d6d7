import type { ResourceName, CraftedResource, GeneratorContext } from '../records/context.js';
import { FURTHER_FLOATS, generateFurther, type FurtherRecord } from './generate-further.js';
import { BUSINESS_TABLE } from './business-table.js';
import { CLINIC_TABLE } from './clinic-table.js';
import type { FurtherRow } from './further-row.js';
import { USUAL_LIMITS, type FilterKind, type OperationLimits, type ProvetResource } from '../resource.js';

const CRAFTED = ['client', 'patient', 'appointment', 'consultation', 'invoice', 'department', 'user'] as const;
const FEW = 6;

const FURTHER_TABLE = [...CLINIC_TABLE, ...BUSINESS_TABLE];
const rowsByName = new Map(FURTHER_TABLE.map((row) => [nameOf(row.path), row]));

/** The rules of all resources that one generator makes, from the table. */
export function furtherResources(): ProvetResource[] {
  return FURTHER_TABLE.map((row) => resourceOf(row));
}

function resourceOf(row: FurtherRow): ProvetResource {
  const { path, permission, operations, more = {} } = row;
  const name = nameOf(path);
  const offered = operationsOf(operations);
  const times = more.times ?? 'unfiltered';
  const record: FurtherRecord = {
    name,
    path,
    shape: more.shape ?? 'named',
    times: times === 'none' ? 'hidden' : 'shown',
    relations: Object.fromEntries(
      Object.entries(more.relations ?? {}).map(([member, parent]) => [
        member,
        { path: pathOf(parent), count: (context) => countOf(context, parent) },
      ]),
    ),
  };
  const fires = more.fires ?? {};
  const changed = fires.changed ?? null;
  return {
    name,
    path,
    hasDetail: offered.has('R'),
    hidesId: more.hidesId ?? false,
    permission,
    writes: { create: offered.has('C'), update: offered.has('U'), delete: offered.has('D') },
    limits: limitsOf(offered),
    inList: more.omits === undefined ? null : (member) => !(more.omits ?? []).includes(member),
    defaultOrdering: 'id',
    orderings: ['id', ...(times === 'none' ? [] : ['created', 'modified'])],
    filters: filtersOf(times, more.filters ?? []),
    floats: FURTHER_FLOATS,
    required: [],
    readOnly: ['id', 'url', 'created', 'modified'],
    utcTimes: false,
    count: (context) => countOf(context, name),
    generate: (context, id) => generateFurther(record, context, id),
    fires: { created: fires.created ?? changed, updated: fires.updated ?? changed, deleted: fires.deleted ?? null },
    bodyMember: more.bodyMember ?? `${name.replaceAll('-', '_')}_id`,
  };
}

/** Which filters the endpoint declares; by `modified` only where the vendor is known to. */
function filtersOf(times: string, parents: readonly string[]): Record<string, FilterKind> {
  return {
    id: 'number',
    ...(times === 'filtered' ? { created: 'instant', modified: 'instant' } : {}),
    ...Object.fromEntries(parents.map((member) => [member, 'relation'] as const)),
  };
}

function countOf(context: GeneratorContext, name: ResourceName): number {
  const given = context.counts[name];
  if (given !== undefined) return given;
  const row = rowsByName.get(name);
  // One part for each whole, so that both can be made alone: row 7 is that of invoice 7.
  if (row?.more?.partOf !== undefined) return countOf(context, row.more.partOf);
  return row?.more?.few === true ? Math.min(FEW, context.every) : context.every;
}

function pathOf(name: ResourceName): string {
  return CRAFTED.some((crafted: CraftedResource) => crafted === name) ? name : (rowsByName.get(name)?.path ?? name);
}

function nameOf(path: string): ResourceName {
  return path.replaceAll('/', '-');
}

/** `L125 C R500`: the letters with their limits, as the vendor's endpoint catalogue gives them. */
function operationsOf(text: string): Map<string, number | null> {
  return new Map(text.split(' ').map((word) => [word.slice(0, 1), word.length === 1 ? null : Number(word.slice(1))]));
}

function limitsOf(offered: ReadonlyMap<string, number | null>): OperationLimits {
  const of = (letter: string, usual: number): number => offered.get(letter) ?? usual;
  return {
    list: of('L', USUAL_LIMITS.list),
    read: of('R', USUAL_LIMITS.read),
    create: of('C', USUAL_LIMITS.create),
    update: of('U', USUAL_LIMITS.update),
    delete: of('D', USUAL_LIMITS.delete),
  };
}
