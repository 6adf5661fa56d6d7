import { isObject, type ExactJson } from './exact-json.js';

/** The vendor's time of last change; null when the record has none that can be read. */
export function modifiedOf(value: ExactJson, member: string | null): number | null {
  if (member === null || !isObject(value) || !Object.hasOwn(value, member)) return null;
  const text = value[member];
  if (typeof text !== 'string') return null;
  const at = Date.parse(text);
  return Number.isNaN(at) ? null : at;
}
