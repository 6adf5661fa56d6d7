const STRICT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,7})?(Z|[+-]\d\d:\d\d)$/;

/** Strict ISO 8601 with an offset, as the vendor asks; null for everything else, `+0000` and naive times included. */
export function strictInstant(text: string): number | null {
  if (!STRICT.test(text)) return null;
  const instant = Date.parse(text);
  return Number.isNaN(instant) ? null : instant;
}

/** Compares `13.842` and `13.856` part by part, as numbers. */
export function isOlderVersion(version: string, than: string): boolean {
  const [first, second] = [version.split('.').map(Number), than.split('.').map(Number)];
  for (let index = 0; index < Math.max(first.length, second.length); index++) {
    const difference = (first[index] ?? 0) - (second[index] ?? 0);
    if (difference !== 0) return difference < 0;
  }
  return false;
}
