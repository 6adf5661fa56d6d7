import type { JsonValue, TwinRecord } from '../../json.js';
import type { Seeded } from '../../seeded.js';
import { stamp } from '../../times.js';
import { COMPLAINTS, FIRST_NAMES, LAST_NAMES, VISIT_REASONS } from '../../words.js';
import {
  generatedTimes,
  link,
  seededFor,
  stamped,
  type GeneratorContext,
  type ResourceName,
} from '../records/context.js';

/** What a record is like, beside its address, relations and times. */
export type Shape = 'named' | 'titled' | 'line' | 'money' | 'text' | 'person' | 'span' | 'message' | 'status';

/** Members that are floats at the vendor. */
export const FURTHER_FLOATS: ReadonlySet<string> = new Set([
  'quantity',
  'price',
  'price_with_vat',
  'sum',
  'sum_vat',
  'sum_total',
  'paid',
  'percentage',
]);

/** Shown: the members are there. Hidden: neither `created` nor `modified`. */
export type Times = 'shown' | 'hidden';

export interface FurtherRecord {
  readonly name: ResourceName;
  readonly path: string;
  readonly shape: Shape;
  readonly times: Times;
  /** Member → resource (by path) and number of its records; the same number belongs together. */
  readonly relations: Readonly<Record<string, { readonly path: string; count(context: GeneratorContext): number }>>;
}

/** A plausible record of any resource that is not worked out member by member. */
export function generateFurther(rules: FurtherRecord, context: GeneratorContext, id: number): TwinRecord {
  const random = seededFor(context, rules.name, id);
  const times = generatedTimes(context, rules.name, id);
  const relations = Object.entries(rules.relations).map(([member, parent]) => {
    const count = parent.count(context);
    return [member, count === 0 ? null : link(context, parent.path, 1 + ((id - 1) % count))] as const;
  });
  return {
    id,
    url: link(context, rules.path, id),
    ...Object.fromEntries<JsonValue>(relations),
    ...shaped(rules.shape, random, times.created),
    ...(rules.times === 'shown' ? stamped(times, context.offsetMinutes) : {}),
  };
}

function shaped(shape: Shape, random: Seeded, at: number): TwinRecord {
  switch (shape) {
    case 'named':
      return { name: `${random.pick(VISIT_REASONS)} ${random.between(1, 99)}`, archived: random.chance(0.05) };
    case 'titled':
      return {
        title: `${random.pick(VISIT_REASONS)} ${random.between(1, 99)}`,
        percentage: random.pick([0, 10, 14, 25.5]),
        archived: false,
      };
    case 'line':
      return lineOf(random);
    case 'money':
      // -0.0 was seen where nothing is due.
      return { payment_type: random.pick([0, 1, 2, 7]), paid: random.chance(0.05) ? -0 : cents(random), info: '' };
    case 'text':
      return { title: random.pick(VISIT_REASONS), text: random.pick(COMPLAINTS) };
    case 'person':
      return { firstname: random.pick(FIRST_NAMES), lastname: random.pick(LAST_NAMES), archived: false };
    case 'span':
      return { start: stamp(at, null), end: stamp(at + random.between(1, 16) * 1_800_000, null), note: '' };
    case 'message':
      return {
        recipient: `+3585${random.digits(8)}`,
        message: random.pick(COMPLAINTS),
        status: random.pick([1, 3, 3, 4]),
      };
    case 'status':
      return { status: random.pick([0, 1, 2, 3]), description: random.pick(COMPLAINTS) };
    default:
      return shape satisfies never;
  }
}

/** Negative lines occur, and sums that do not follow from quantity and price. */
function lineOf(random: Seeded): TwinRecord {
  const price = cents(random);
  const quantity = (random.chance(0.05) ? -1 : 1) * random.pick([1, 1, 1, 2, 0.5, 3]);
  const sum = Math.round(price * quantity * 100 - (random.chance(0.5) ? 1 : 0)) / 100;
  const vat = Math.round(sum * 24) / 100;
  return {
    code: `C${random.digits(4)}`,
    name: `${random.pick(VISIT_REASONS)} ${random.between(1, 99)}`,
    quantity,
    price,
    price_with_vat: Math.round(price * 124) / 100,
    sum,
    sum_vat: vat,
    sum_total: Math.round((sum + vat) * 100) / 100,
    archived: false,
  };
}

function cents(random: Seeded): number {
  return random.between(100, 40_000) / 100;
}
