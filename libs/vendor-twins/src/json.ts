export type JsonValue = null | boolean | number | string | JsonValue[] | { [member: string]: JsonValue };

/** A vendor's object, as a twin holds it. */
export type TwinRecord = Record<string, JsonValue>;

const nothing: ReadonlySet<string> = new Set();

/**
 * JSON text as the vendor writes it. Provet is written in Python, where a float keeps its point (`49.0`, `-0.0`): members
 * named in `floats` are spelt so. A relay that re-serialises what it read is found out by this.
 */
export function jsonText(value: JsonValue, floats: ReadonlySet<string> = nothing): string {
  if (floats.size === 0 || value === null || typeof value !== 'object') return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map((item) => jsonText(item, floats)).join(',')}]`;
  const members = Object.entries(value).map(([name, member]) => {
    const text = typeof member === 'number' && floats.has(name) ? floatText(member) : jsonText(member, floats);
    return `${JSON.stringify(name)}:${text}`;
  });
  return `{${members.join(',')}}`;
}

function floatText(value: number): string {
  if (Object.is(value, -0)) return '-0.0';
  return Number.isInteger(value) ? `${value}.0` : String(value);
}

/** True for a JSON object (not null, not an array). */
export function isObject(value: unknown): value is TwinRecord {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Reads a JSON object; null when the text is none. */
export function parseObject(text: string): TwinRecord | null {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : null;
  } catch {
    return null;
  }
}

/** A member as text: what is neither text, number nor flag gives an empty text. */
export function memberText(record: Readonly<Record<string, unknown>> | null | undefined, member: string): string {
  const value = record?.[member];
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? String(value) : '';
}
