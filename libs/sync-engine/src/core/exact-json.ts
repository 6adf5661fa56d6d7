import { createHash } from 'node:crypto';

/** A number that a double cannot hold without loss: kept in a normal form in which equal numbers have equal text. */
export class ExactNumber {
  constructor(
    readonly normal: string,
    readonly source: string,
  ) {}
  /** Lets JSON.stringify write it as the vendor spelt it. */
  toJSON(): unknown {
    return (JSON as unknown as { rawJSON(text: string): unknown }).rawJSON(this.source);
  }
}

export type ExactJson =
  null | boolean | number | string | ExactNumber | ExactJson[] | { readonly [member: string]: ExactJson };

/** Only then can two different numbers be the same double: 16 digits or more, or an exponent. */
const RISKY = /[\d.]{16,}|\d[eE][+-]?\d/;

/** Parses JSON without letting different numbers become one. Doubles are used wherever they are exact enough. */
export function parseExact(text: string): ExactJson {
  if (!RISKY.test(text)) return JSON.parse(text) as ExactJson;
  const reviver = (_key: string, value: unknown, context?: { readonly source?: string }): unknown =>
    typeof value === 'number' && context?.source !== undefined ? exactNumber(context.source) : value;
  return JSON.parse(text, reviver) as ExactJson;
}

/** 15 significant digits always survive a double; more, or a huge exponent, are kept as normalised text. */
function exactNumber(source: string): number | ExactNumber {
  const match = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(source);
  if (!match) return Number(source);
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = match;
  const unpadded = (whole + fraction).replace(/^0+/, '');
  const digits = unpadded.replace(/0+$/, '');
  if (digits === '') return 0;
  const power = BigInt(exponent) - BigInt(fraction.length) + BigInt(unpadded.length - digits.length);
  const small = power > -300n && power < 290n;
  return digits.length <= 15 && small ? Number(source) : new ExactNumber(`${sign}${digits}e${power}`, source);
}

/** Text in which equal JSON values are equal: members sorted, no spacing, numbers in one spelling. */
export function canonicalText(value: ExactJson): string {
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  if (value instanceof ExactNumber) return value.normal;
  if (Array.isArray(value)) return `[${value.map(canonicalText).join(',')}]`;
  const members = Object.keys(value)
    .sort()
    .map((name) => `${JSON.stringify(name)}:${canonicalText(value[name] as ExactJson)}`);
  return `{${members.join(',')}}`;
}

export function isObject(value: ExactJson | undefined): value is { readonly [member: string]: ExactJson } {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof ExactNumber);
}

/** The value without the named top-level members. */
export function without(value: ExactJson, members: readonly string[]): ExactJson {
  if (members.length === 0 || !isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).filter(([name]) => !members.includes(name)));
}

/** 144 bits of SHA-256 over the canonical text: what the mirror compares. */
export function contentHash(value: ExactJson): string {
  return createHash('sha256').update(canonicalText(value)).digest('base64url').slice(0, 24);
}

/** Like `contentHash`, but volatile members count by their presence only: do two forms of a record have the same members? */
export function formHash(value: ExactJson, volatileMembers: readonly string[]): string {
  if (!isObject(value)) return contentHash(value);
  const held = volatileMembers.filter((name) => Object.hasOwn(value, name));
  return contentHash({ ...value, ...Object.fromEntries(held.map((name) => [name, null])) });
}

export function sameJson(a: ExactJson | undefined, b: ExactJson | undefined): boolean {
  if (a === b) return true;
  if (a === undefined || b === undefined) return false;
  if (Array.isArray(a)) {
    return Array.isArray(b) && a.length === b.length && a.every((element, at) => sameJson(element, b[at]));
  }
  if (isObject(a)) {
    if (!isObject(b)) return false;
    const names = Object.keys(a);
    return names.length === Object.keys(b).length && names.every((n) => Object.hasOwn(b, n) && sameJson(a[n], b[n]));
  }
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  return canonicalText(a) === canonicalText(b);
}

/** Every member of the list form stands in the detail form with the same value. */
export function isPartOf(part: ExactJson, whole: ExactJson): boolean {
  if (!isObject(part) || !isObject(whole)) return sameJson(part, whole);
  return Object.keys(part).every((name) => Object.hasOwn(whole, name) && sameJson(part[name], whole[name]));
}
