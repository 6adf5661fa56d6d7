/** Where EXACT puts the token of the next page: not published, so both names are settings. The header comes first. */
export interface ContinuationNames {
  /** Lower case. */
  readonly header: string;
  readonly member: string;
}

/** A list as EXACT may answer it: a bare array, or an object with one array in it. */
export interface ListBody {
  readonly items: readonly unknown[];
  /** Name of the array's member; null for a bare array. */
  readonly member: string | null;
  readonly continuation: string | null;
}

/** Reads a list's body and headers; null when it is no list. A continuation means more pages, however short this one is. */
export function readList(
  text: string,
  headers: Readonly<Record<string, string>>,
  names: ContinuationNames,
): ListBody | null {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    return null;
  }
  const fromHeader = tokenText(headers[names.header]);
  if (Array.isArray(body)) return { items: body as unknown[], member: null, continuation: fromHeader };
  if (typeof body !== 'object' || body === null) return null;
  const wrapper = body as Record<string, unknown>;
  const arrays = Object.keys(wrapper).filter((name) => Array.isArray(wrapper[name]));
  const member = arrays[0];
  if (arrays.length !== 1 || member === undefined) return null;
  return {
    items: wrapper[member] as unknown[],
    member,
    continuation: fromHeader ?? tokenText(wrapper[names.member]),
  };
}

/** Opaque, but it must be possible to send it back. */
function tokenText(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value.toWellFormed() : null;
}
