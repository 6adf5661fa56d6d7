/** Ids are opaque text. What cannot be part of a topic key or path is no id: neither is a way up in a path. */
const usable = /^(?!\.\.?$)[^/\\\s\p{Cc}\p{Cs}]{1,256}$/u;

/**
 * Id of a record as text: the last path segment of its `url`, which every object has (some have no `id`), else `id`.
 * Null when it has neither. The address itself is never called.
 */
export function recordIdOf(record: Readonly<Record<string, unknown>>): string | null {
  const fromUrl = typeof record['url'] === 'string' ? lastSegment(record['url']) : null;
  if (fromUrl !== null) return fromUrl;
  const id = record['id'];
  if (typeof id === 'string' && usable.test(id)) return id;
  return typeof id === 'number' && Number.isSafeInteger(id) ? String(id) : null;
}

function lastSegment(url: string): string | null {
  const path = (url.split(/[?#]/, 1)[0] as string).replace(/\/+$/, '');
  const segment = path.slice(path.lastIndexOf('/') + 1);
  try {
    const id = decodeURIComponent(segment);
    return usable.test(id) ? id : null;
  } catch {
    return null;
  }
}

/** An object that JSON text holds; null for any other value and for text that is not JSON. */
export function jsonObject(text: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : null;
  } catch {
    return null;
  }
}
