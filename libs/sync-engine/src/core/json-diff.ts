import { isObject, sameJson, type ExactJson } from './exact-json.js';

export interface JsonDifference {
  /** RFC 6901 pointers: deepest differing object members, arrays whole. Sorted as met in the new value, removed ones last. */
  readonly pointers: string[];
  /** Old values by pointer; members that were not there before have none. */
  readonly previous: Record<string, ExactJson>;
}

/** What changed between two records. */
export function jsonDifference(before: ExactJson, after: ExactJson): JsonDifference {
  const found: JsonDifference = { pointers: [], previous: {} };
  compare('', before, after, found);
  return found;
}

function compare(
  pointer: string,
  before: ExactJson | undefined,
  after: ExactJson | undefined,
  found: JsonDifference,
): void {
  if (isObject(before) && isObject(after)) {
    for (const name of new Set([...Object.keys(after), ...Object.keys(before)])) {
      compare(`${pointer}/${escaped(name)}`, own(before, name), own(after, name), found);
    }
    return;
  }
  if (sameJson(before, after)) return;
  found.pointers.push(pointer);
  if (before !== undefined) found.previous[pointer] = before;
}

/** Own members only: a record may have a member called `constructor`. */
function own(value: { readonly [member: string]: ExactJson }, name: string): ExactJson | undefined {
  return Object.hasOwn(value, name) ? value[name] : undefined;
}

function escaped(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1');
}
