const [QUOTE, BACKSLASH] = [0x22, 0x5c];
const [OPEN_OBJECT, CLOSE_OBJECT, OPEN_ARRAY, CLOSE_ARRAY] = [0x7b, 0x7d, 0x5b, 0x5d];

/** The text is not JSON, or has no array where one was asked for. */
export class JsonShapeError extends Error {
  readonly code = 'json-shape';
  readonly retryable = false;
}

/**
 * The raw texts of an array's elements, as they stand in the text: numbers keep their spelling, members their order.
 * `member` null = the text itself is the array; else the array is that member of the top-level object. `parsed`: what
 * `JSON.parse` has made of this text, where somebody has asked it already.
 */
export function jsonArraySlices(text: string, member: string | null, parsed: unknown = parse(text)): string[] {
  if (member === null) {
    if (!Array.isArray(parsed)) throw new JsonShapeError('not an array');
    return elementsAt(text, skipSpace(text, 0));
  }
  const holder = parsed as Record<string, unknown> | null;
  if (typeof holder !== 'object' || holder === null || Array.isArray(holder) || !Object.hasOwn(holder, member)) {
    throw new JsonShapeError('the member is missing');
  }
  if (!Array.isArray(holder[member])) throw new JsonShapeError('the member is no array');
  return elementsAt(text, memberStart(text, member));
}

/** Judged by the real parser first: the scanner below may then trust the text and only count brackets and quotes. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new JsonShapeError('not JSON', { cause });
  }
}

/** Where the value of a top-level member starts. Of members with one name the last counts, as for JSON.parse. */
function memberStart(text: string, member: string): number {
  let found = -1;
  let at = skipSpace(text, skipSpace(text, 0) + 1);
  while (text[at] === '"') {
    const nameEnd = endOfString(text, at);
    const name = JSON.parse(text.slice(at, nameEnd)) as string;
    const value = skipSpace(text, skipSpace(text, nameEnd) + 1);
    if (name === member) found = value;
    at = skipSpace(text, endOfValue(text, value));
    if (text[at] !== ',') break;
    at = skipSpace(text, at + 1);
  }
  return found;
}

function elementsAt(text: string, start: number): string[] {
  const slices: string[] = [];
  let at = skipSpace(text, start + 1);
  while (text[at] !== ']') {
    const end = endOfValue(text, at);
    slices.push(text.slice(at, end));
    at = skipSpace(text, end);
    if (text[at] === ',') at = skipSpace(text, at + 1);
  }
  return slices;
}

function skipSpace(text: string, from: number): number {
  let at = from;
  while (at < text.length) {
    const c = text.charCodeAt(at);
    if (c !== 0x20 && c !== 0x0a && c !== 0x0d && c !== 0x09) break;
    at += 1;
  }
  return at;
}

function endOfString(text: string, from: number): number {
  let at = text.indexOf('"', from + 1);
  while (isEscaped(text, at)) at = text.indexOf('"', at + 1);
  return at + 1;
}

/** An odd number of backslashes stands before it. */
function isEscaped(text: string, at: number): boolean {
  let before = at - 1;
  while (text.charCodeAt(before) === BACKSLASH) before -= 1;
  return (at - before) % 2 === 0;
}

function endOfValue(text: string, from: number): number {
  const first = text[from];
  if (first === '"') return endOfString(text, from);
  if (first !== '{' && first !== '[') return endOfScalar(text, from);
  let depth = 0;
  for (let at = from; at < text.length;) {
    const c = text.charCodeAt(at);
    if (c === QUOTE) {
      at = endOfString(text, at);
      continue;
    }
    if (c === OPEN_OBJECT || c === OPEN_ARRAY) depth += 1;
    if (c === CLOSE_OBJECT || c === CLOSE_ARRAY) depth -= 1;
    at += 1;
    if (depth === 0) return at;
  }
  return text.length;
}

function endOfScalar(text: string, from: number): number {
  let at = from;
  while (at < text.length && !/[\s,\]}]/.test(text[at] as string)) at += 1;
  return at;
}
