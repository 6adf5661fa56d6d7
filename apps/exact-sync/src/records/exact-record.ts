/** An object that JSON text holds; null for any other value and for text that is not JSON. */
export function jsonObject(text: string): Readonly<Record<string, unknown>> | null {
  try {
    return asObject(JSON.parse(text));
  } catch {
    return null;
  }
}

export function asObject(value: unknown): Readonly<Record<string, unknown>> | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : null;
}

/** Neither what cannot be part of a topic key or path, nor a way up in a path. */
const usable = /^(?!\.\.?$)[^/\\\s\p{Cc}\p{Cs}]{1,256}$/u;

/** Ids are GUIDs whose spelling varies between upper and lower case: in topics they are lower case. */
export function recordIdOf(record: Readonly<Record<string, unknown>>): string | null {
  const id = record['id'];
  return typeof id === 'string' && usable.test(id) ? id.toLowerCase() : null;
}
